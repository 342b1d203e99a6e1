"""The shipped rulebooks, read once."""

import pytest

from shared.infra.rulebooks import load_shipped
from shared.rulebook import Category, Rulebook


@pytest.fixture(scope="session")
def books() -> dict[str, Rulebook]:
    return load_shipped()


@pytest.fixture(scope="session")
def model(books: dict[str, Rulebook]) -> Category:
    return books["qingdao-economic-achievements"].category("model_enterprise")


@pytest.fixture(scope="session")
def pioneer(books: dict[str, Rulebook]) -> Category:
    return books["qingdao-economic-achievements"].category("new_quality_pioneer")


@pytest.fixture(scope="session")
def giant(books: dict[str, Rulebook]) -> Category:
    return books["little-giant-performance"].category("little_giant")
