"""One set of real servers for all integration tests of a run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import Stack
from tests.integration.servers import People


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """PostgreSQL, NATS, Temporal, S3 and Caddy as a rehearsal stack without services.

    FANGBANG_TEST_STORAGE=minio runs the tests on a MinIO server (`make test-deep PART=minio`).
    """
    data: Path = tmp_path_factory.mktemp("stack")
    storage = os.environ.get("FANGBANG_TEST_STORAGE")
    with Stack(data, profile="rehearsal", services=False, storage=storage) as running:
        yield running


@pytest.fixture(scope="session")
def people(stack: Stack) -> People:
    """Whoever the tests need."""
    return People(stack)
