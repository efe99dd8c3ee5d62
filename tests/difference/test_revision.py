"""Files at a git revision, in real repositories."""

from __future__ import annotations

import subprocess

import pytest

from archcalc.checking import revision
from archcalc.checking.against import against
from archcalc.checking.revision import named, opened
from archcalc.files import ArchcalcError
from archcalc.network import build, document

NET = "network net\ninput 8x8x3\nconv 3x3, 4, pad 1\nfc 10\n"
USER = 'use "common.arch"\nnetwork user\ninput 8x8x3\nbody: unit\nfc 10\n'
COMMON = "block unit():\n    conv 3x3, {}, pad 1\n"


@pytest.fixture
def git(tmp_path, monkeypatch):
    """A repository with one commit of four specs, two of them in a folder; ``git(...)`` runs git in it."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "repository"
    (root / "nets").mkdir(parents=True)
    for path, text in (
        ("net.arch", NET), ("nets/deep.arch", NET), ("nets/user.arch", USER), ("nets/common.arch", COMMON.format(4)),
    ):  # fmt: skip
        (root / path).write_text(text, encoding="utf-8")

    def run(*arguments, folder=root):
        who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
        done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout

    run("init", "-q")
    run("add", ".")
    run("commit", "-qm", "one")
    monkeypatch.chdir(root)
    run.root = root
    return run


def write(git, path, text):
    (git.root / path).write_text(text, encoding="utf-8")


def params(source):
    return build(document(source), None).report().totals.params


def fault(call, *arguments):
    """The diagnostic of what cannot be had."""
    with pytest.raises(ArchcalcError) as raised:
        call(*arguments)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == "A602" and diagnostic.span is None and "\n" not in diagnostic.message
    return diagnostic


def test_a_file_is_what_it_was(git):
    write(git, "net.arch", NET.replace("fc 10", "fc 11"))
    there, path = named("main:net.arch")
    assert there.source(path).text == NET and there.source(path).name == "main:net.arch"


def test_what_it_uses_is_what_it_was(git):
    write(git, "nets/common.arch", COMMON.format(8))
    there, path = named("HEAD:nets/user.arch")
    # 4 filters of 27 weights and a bias, then 256 inputs of 10 outputs
    assert params(there.source(path)) == 4 * 28 + 256 * 10 + 10
    (git.root / "nets/common.arch").unlink()
    assert params(there.source(path)) == 4 * 28 + 256 * 10 + 10


def test_what_it_uses_may_not_be_there(git):
    write(git, "nets/user.arch", USER.replace("common", "other"))
    write(git, "nets/other.arch", COMMON.format(4))
    git("add", "nets/user.arch")
    git("commit", "-qm", "two")
    there, path = named("main:nets/user.arch")
    assert any("it is not in main" in each.message for each in document(there.source(path)).diagnostics)


@pytest.mark.parametrize(
    "spec", ["main:nets/deep.arch", "main:deep.arch", "main:./deep.arch", "HEAD:../nets/deep.arch"]
)
def test_from_a_folder_below(git, monkeypatch, spec):
    monkeypatch.chdir(git.root / "nets")
    there, path = named(spec)
    assert path == "nets/deep.arch" and there.source(path).text == NET


def test_from_outside_by_a_whole_path(git, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    there, path = named(f"main:{git.root}/net.arch")
    assert there.source(path).text == NET
    assert "in no git repository" in fault(named, "main:net.arch").message


def test_no_such_revision(git):
    assert "there is no revision 'mian'" in fault(opened, "mian").message
    assert fault(opened, "mian").help == "did you mean 'main'?"
    assert "--all" in fault(opened, "--all").message


def test_a_branch_that_only_the_remote_has(git, tmp_path):
    clone = tmp_path / "clone"
    git("branch", "release")
    git("clone", "-q", str(git.root), str(clone), folder=tmp_path)
    assert fault(opened, "release", str(clone)).help == "did you mean 'origin/release'?"


def test_a_shallow_clone_says_so(git, tmp_path):
    git("commit", "-qm", "two", "--allow-empty")
    git("clone", "-q", "--depth", "1", f"file://{git.root}", str(tmp_path / "clone"), folder=tmp_path)
    assert "fetch-depth: 0" in fault(opened, "HEAD~1", str(tmp_path / "clone")).help


def test_no_such_file_in_it(git):
    there, path = named("main:new.arch")
    wrong = fault(there.source, path)
    assert wrong.message == "new.arch is not in main" and wrong.help == "did you mean 'net.arch'?"
    assert fault(there.source, "deep.arch").help == "did you mean 'nets/deep.arch'?"
    assert fault(there.source, "nets").message == "nets is a folder in main: a side is one file"


def test_no_commit_yet(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    assert fault(opened, "HEAD").help == "there is no commit yet"


def test_no_git(git, monkeypatch):
    monkeypatch.setenv("PATH", "")
    wrong = fault(opened, "main")
    assert wrong.message == "git cannot be run: it is not installed" and "--lock" in wrong.help


def test_in_a_hook_of_git(git, monkeypatch):
    """git sets these for hooks, relative to where it runs them."""
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.chdir(git.root / "nets")
    assert named("main:deep.arch")[1] == "nets/deep.arch"


def test_not_text_at_that_revision(git):
    (git.root / "net.arch").write_bytes(b"\xff\x00\x01")
    git("commit", "-qam", "two")
    there, path = named("main:net.arch")
    with pytest.raises(ArchcalcError, match="A102"):
        there.source(path)


def found(files, name="main", **options):
    """What is told against a revision: files on both sides, and the networks' states."""
    return [
        (each.old, each.new, [(network.network, network.state) for network in each.networks])
        for each in against(files, name, **options)
    ]


def test_against_a_revision(git):
    write(git, "net.arch", "# a word\n" + NET)
    write(git, "nets/deep.arch", NET.replace("fc 10", "fc 11"))
    write(git, "new.arch", NET)
    write(git, "nets/common.arch", COMMON.format(8))
    assert found(["net.arch", "nets/deep.arch", "nets/user.arch", "new.arch"]) == [
        ("main:net.arch", "net.arch", [("net", "same")]),
        ("main:nets/deep.arch", "nets/deep.arch", [("net", "changed")]),
        ("main:nets/user.arch", "nets/user.arch", [("user", "changed")]),
        (None, "new.arch", [("net", "added")]),
    ]


def test_a_text_that_is_the_same_is_not_built(git):
    assert found(["net.arch"]) == [("main:net.arch", "net.arch", [])]


def test_a_file_that_was_renamed(git):
    git("mv", "net.arch", "nets/moved.arch")
    write(git, "nets/moved.arch", NET.replace("fc 10", "fc 11"))
    assert found(["nets/moved.arch"]) == [("main:net.arch", "nets/moved.arch", [("net", "changed")])]


def test_a_file_that_is_gone(git):
    (git.root / "nets/deep.arch").unlink()
    assert found(["net.arch"]) == [("main:net.arch", "net.arch", [])]
    assert found(["nets/user.arch"], folders=["nets"])[1:] == [("main:nets/deep.arch", None, [("net", "removed")])]
    assert found([], folders=["."])[-1:] == [("main:nets/deep.arch", None, [("net", "removed")])]


def test_an_old_text_at_fault_is_a_note(git):
    write(git, "net.arch", "network net\ninput 8x8x3\nconv 3x3, 4, stirde 2\n")
    git("commit", "-qam", "two")
    write(git, "net.arch", NET)
    (each,) = against(["net.arch"], "main")
    (said,) = each.diagnostics
    assert each.networks == ()  # it is not new
    assert (said.code, said.severity) == ("A602", "note") and "main:net.arch" in said.message
    assert each.status == "ok"


def test_a_new_text_at_fault_is_the_checks_to_tell(git):
    write(git, "net.arch", "network net\ninput 8x8x3\nconv 3x3, 4, stirde 2\n")
    (each,) = against(["net.arch"], "main")
    assert (each.diagnostics, each.networks, each.status) == ((), (), "ok")  # it is not gone


def test_blocks_that_others_use_are_no_fault(git):
    write(git, "nets/common.arch", COMMON.format(8))
    (each,) = against(["nets/common.arch"], "main")
    assert (each.networks, each.diagnostics, each.status) == ((), (), "ok")


def test_a_name_with_blanks_and_letters(git):
    write(git, "größe 1.arch", NET)
    git("add", ".")
    git("commit", "-qm", "two")
    write(git, "größe 1.arch", NET.replace("fc 10", "fc 11"))
    assert found(["größe 1.arch"]) == [("main:größe 1.arch", "größe 1.arch", [("net", "changed")])]


def test_many_files_are_one_process(git, monkeypatch):
    ran = []
    real = revision._git
    monkeypatch.setattr(revision, "_git", lambda *a, **k: ran.append(a[1]) or real(*a, **k))
    against(["net.arch", "nets/deep.arch"] * 20, "main")
    assert ran.count("cat-file") == 1
