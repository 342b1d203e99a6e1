"""Order and sharing of the tests among processes: those on the same servers stay in one process, long ones begin."""

import gc
from collections import defaultdict
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
"""How long an example takes says what else the machine does, not whether the rule holds."""

HERE = Path(__file__).parent

LONGEST_FIRST = (
    "chaos",
    "integration/review",
    "integration/submission",
    "browser",
    "integration/office",
    "integration/publication",
    "integration/infra",
    "integration/ranking",
    "programme",
    "integration",
    "workflow",
    "replay",
    "contract",
    "unit",
)
"""Folders by the time their tests take: a long one that starts last would run alone at the end."""

APART = frozenset({"chaos", "unit", "workflow"})
"""Levels without servers shared by a folder: each file may run in another process."""


def folder_of(test: str) -> str:
    """The place of a test's id among ``LONGEST_FIRST``, such as ``integration/office``."""
    parts = PurePosixPath(test.partition("::")[0]).parent.parts[1:]
    found = "/".join(parts)
    return found if found in LONGEST_FIRST else parts[0]


def group_of(test: str) -> str:
    """What stays in one process: a folder of servers, or a file."""
    folder = folder_of(test)
    return test.partition("::")[0] if folder in APART else folder


def place(item: pytest.Item) -> int:
    """When the test's turn comes."""
    folder = folder_of(item.nodeid)
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


class ByGroup(LoadScopeScheduling):
    """Gives each group of tests to one process.

    The groups of pytest-xdist itself are lost with pytest 9.2 (pytest-xdist issue 1386): it wrote them into the ids.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    """For ``pytest --numprocesses``."""
    return ByGroup(config, log)


def pytest_collection_finish() -> None:
    """Thousands of tests and all they import stay: not to be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest folders first."""
    items.sort(key=place)


_workers: dict[str, set[str]] = defaultdict(set)
"""In which processes a group's tests ran; empty in those processes themselves."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note who ran it."""
    if worker := getattr(report, "worker_id", ""):
        _workers[group_of(report.nodeid)].add(worker)


def torn() -> list[str]:
    """Groups that more than one process had."""
    return sorted(group for group, workers in _workers.items() if len(workers) > 1)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Servers started for each process would cost minutes, and nobody would know why."""
    if torn():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it."""
    for group in torn():
        terminalreporter.write_line(f"torn apart among processes: {group}", red=True)
