"""Names of layers: unique, none the beginning of another's path, counted from 1 as papers count."""

from pathlib import Path

import pytest
from typed import faults, graph, shape

from archcalc.network import load_all
from archcalc.notation.naming import same_name

SPECS = sorted((Path(__file__).parent.parent.parent / "specs").glob("*.arch"))


def names(text, **options):
    return [node.name for node in graph(text, **options).nodes]


def assert_a_tree(found):
    """Names are unique however they are spelled, and no layer's name is a group's: they could be modules and files."""
    keys = [same_name(name) for name in found]
    assert len(set(keys)) == len(keys)
    paths = [name.casefold() for name in found]
    groups = {path[:cut] for path in paths for cut, character in enumerate(path) if character == "."}
    assert not groups & set(paths)


TEXTS = {
    "repeats": "input 8x8x3\n(conv 1x1, 4; relu) x 3\nconv1: conv 1x1, 4\nconv 1x1, 4",
    "a name twice": "input 8x8x3\nconv3: conv 1x1, 4\nconv3: conv 1x1, 4\nconv3: conv 1x1, 4; relu",
    "a member's name written": "input 8x8x3\nconv1: conv 1x1, 4\nconv1.bn: bn\nconv1-relu: relu",
    "a name like a number": "input 8x8x3\nconv3: (conv 1x1, 4; relu) x 2\nconv3.1: relu\nconv3.2.conv: relu",
    "automatic ones met": "input 8x8x3\nrelu\nrelu\nrelu1: relu\nrelu2: relu; relu",
    "a group": "input 8x8x3\na:\n    b: relu\n    c:\n        d: relu\n        relu\na.b: relu",
    "blocks": "block u(c):\n    inner: conv 1x1, c; relu\n    bn\ninput 8x8x3\nu(4); u(8)\n"
    "x1: u(4) x 2\nx2: u(4)\nu: u(2)",
    "spelled alike": "input 8x8x3\nconv1_1: relu\nconv1-1: relu\nCONV1/1: relu\nconv11: relu",
    "inputs": "input a: 8x8x3\ninput b: 8x8x3\na.c: relu",
    "the kind's own": "input 8x8x3\nconv: conv 1x1, 4; bn\nconv 1x1, 4; bn\nbn: bn",
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_names_make_a_tree(text):
    assert_a_tree(names(text))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_names_of_the_specs_make_a_tree(path):
    for network in load_all(path):
        assert_a_tree([node.name for node in network.graph.nodes])


def test_a_name_that_is_also_a_groups_says_its_kind():
    assert names(TEXTS["a member's name written"]) == ["input", "conv1.conv", "conv1.bn", "conv1-relu"]


def test_members_are_called_by_kind():
    text = "input 8x8x3\nconv1: conv 1x1, 4; bn; relu\nconv2: conv 1x1, 4; relu; conv 1x1, 4\nconv 1x1, 4"
    assert names(text) == [
        "input", "conv1.conv", "conv1.bn", "conv1.relu", "conv2.conv1", "conv2.relu", "conv2.conv2", "conv",
    ]  # fmt: skip


def test_turns_count_from_1():
    text = "block u: conv 1x1, 4; relu\ninput 8x8x3\nconv3: u x 2\nconv4: (conv 1x1, 4; bn) x 2\nconv5: conv 1x1, 4 x 2"
    assert names(text)[1:] == [
        "conv3.1.conv", "conv3.1.relu", "conv3.2.conv", "conv3.2.relu",
        "conv4.1.conv", "conv4.1.bn", "conv4.2.conv", "conv4.2.bn", "conv5.1", "conv5.2",
    ]  # fmt: skip


def test_a_lone_layer_has_its_lines_name():
    assert names("input 8x8x3\nconv1: conv 1x1, 4\npool1: 2x2") == ["input", "conv1", "pool1"]


def test_a_name_covers_its_line():
    made = graph("input 8x8x3\nstem: conv 3x3, 4; relu; pool\nbody:\n    conv 1x1, 6\n    relu\nfc 10")
    places = {key: (place.first, place.stop, place.output) for key, place in made.places.items()}
    assert places["stem"] == (1, 4, 3) and places["body"] == (4, 6, 5)
    assert shape(made, "stem") == (4, 3, 3)


def test_blanks_and_signs_in_a_name_are_one_character():
    for written in ("conv1_1", "conv1-1", "Conv1.1", "CONV1/1", "conv1 1"):
        assert shape(graph(f"input 8x8x3\nconv1_1: conv 1x1, 4\nrelu\nskip: from {written}; bn"), "skip") == (4, 8, 8)
    assert faults("input 8x8x3\nconv1_1: conv 1x1, 4\nfrom conv11; bn")[0].code == "A401"


def test_an_unknown_name_is_repaired():
    found = faults("input 8x8x3\nconv1: conv 1x1, 4\nfrom conv2; relu")[0]
    assert found.code == "A401" and "conv1" in found.help and found.span.text == "conv2"


def test_names_of_a_branch_are_seen_after_the_merge():
    made = graph("input 8x8x3\nsum:\n    | a: conv 1x1, 3\n    | b: conv 1x1, 3\nfrom a; bn")
    assert made.nodes[made.nodes[-1].inputs[0]].name == "a"


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("convv 3x3, 4", "did you mean 'conv'?"),
        ("max pol 2x2", "did you mean 'max pool'?"),
        ("globl average pool", "did you mean 'global average pool'?"),
        ("bathc norm", "did you mean 'batch norm'?"),
        ("convv relu", "did you mean 'conv'?"),
    ],
)
def test_a_misspelt_layer_is_repaired_by_the_nearest_words(written, help):
    (found,) = faults(f"input 8x8x3\n{written}")
    assert (found.code, found.help) == ("A105", help)


def test_a_name_with_points_stands_in_the_group_that_it_names():
    made = graph("input 8x8x3\nstage.1.conv: conv 1x1, 4\nstage.2: relu; bn\nlast: relu")
    assert [node.block for node in made.nodes] == ["", "stage.1", "stage.2", "stage.2", ""]
