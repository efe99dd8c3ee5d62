"""The pytest plugin: its options, which files it collects, and a fixture. It reads no spec unless it is asked to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from archcalc.network import Network

SUFFIX = ".arch"
PATHS = "archcalc_paths"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--archcalc`` collects every spec that pytest comes by; ``archcalc_paths`` names those of a project."""
    group = parser.getgroup("archcalc", "figures of architecture specs")
    group.addoption("--archcalc", action="store_true", help="collect *.arch files: a test each figure")
    group.addoption("--archcalc-strict", action="store_true", help="warnings about a spec fail")
    parser.addini(PATHS, "files and folders whose *.arch files are collected without --archcalc", "paths", [])


def pytest_configure(config: pytest.Config) -> None:
    """Adds the project's specs to what is collected where the command line names nothing else."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        there = [Path(os.path.abspath(arg)) for arg in config.args]
        paths = [path for path in _paths(config) if not any(path.is_relative_to(each) for each in there)]
        config.args += [str(path) for path in paths if path.exists()]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A spec's collector, where specs are asked for, or this one is by its name."""
    if file_path.suffix != SUFFIX or not _is_wanted(file_path, parent):
        return None
    from archcalc.testing.items import SpecFile

    return SpecFile.from_parent(parent, path=file_path)


def _is_wanted(path: Path, parent: pytest.Collector) -> bool:
    config = parent.config
    if config.getoption("--archcalc") or parent.session.isinitpath(path):
        return True
    return any(path.is_relative_to(each) for each in _paths(config))


def _paths(config: pytest.Config) -> list[Path]:
    return list(config.getini(PATHS))


@pytest.fixture(name="archcalc", scope="session")
def _archcalc(pytestconfig: pytest.Config) -> Callable[[str], Network]:
    """``archcalc("specs/vgg.arch:D")`` is a network: paths are from pytest's root folder, options those of ``load``."""
    from archcalc.files import ArchcalcError
    from archcalc.network import load

    def network(spec: str, **options: object) -> Network:
        __tracebackhide__ = True
        try:
            return load(os.path.join(pytestconfig.rootpath, spec), **options)
        except ArchcalcError as error:
            # raised anew where pytest hides it: a test that names no network shows its own line, and none of ours
            raise ArchcalcError(error.diagnostics) from None

    return network
