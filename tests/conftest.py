"""Order and sharing of the tests among processes: those on the same servers stay in one process, long ones begin."""

import gc
from pathlib import Path

import pytest
from hypothesis import settings

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


def folder_of(item: pytest.Item) -> str:
    """The test's place among ``LONGEST_FIRST``, such as ``integration/office``."""
    parts = item.path.relative_to(HERE).parent.parts
    found = "/".join(parts)
    return found if found in LONGEST_FIRST else parts[0]


def place(item: pytest.Item) -> int:
    """When the test's turn comes."""
    folder = folder_of(item)
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


def pytest_collection_finish() -> None:
    """Thousands of tests and all they import stay: not to be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest folders first, each folder of servers in one process (`pytest --dist loadgroup`)."""
    items.sort(key=place)
    for item in items:
        folder = folder_of(item)
        apart = folder.split("/")[0] in APART
        item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(HERE)) if apart else folder))
