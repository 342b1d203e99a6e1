"""The scanner's client on a real clamd: what it looked at in full is clean or infected, anything else unscanned."""

import asyncio
import io
import os
from collections.abc import Iterator

import pytest

from shared.infra.scanner import Scan, Scanner
from tests.attacks import EICAR
from tests.evidence_files import docx
from tests.integration.clamd import NOBODY, Clamd
from tests.pdfs import pdf

INFECTED = docx({"word/media/image1.png": EICAR})


def scan(address: str, content: bytes) -> Scan:
    return asyncio.run(Scanner(address).scan(io.BytesIO(content)))


@pytest.fixture(scope="module", params=[None, NOBODY] if os.geteuid() == 0 else [None])
def clamd(request: pytest.FixtureRequest) -> Iterator[Clamd]:
    """As who runs the tests; run as root also as nobody."""
    with Clamd(uid=request.param) as running:
        yield running


def test_a_clean_file_is_clean_and_says_by_which_signatures(clamd: Clamd) -> None:
    for address in (clamd.socket, clamd.tcp):
        found = scan(address, pdf())

        assert (found.verdict, found.found) == ("clean", "")
        assert found.by.startswith("ClamAV ")


@pytest.mark.parametrize("content", [EICAR, INFECTED, bytes(3_000_000) + EICAR])
def test_a_known_file_is_found_wherever_it_lies(clamd: Clamd, content: bytes) -> None:
    found = scan(clamd.socket, content)

    assert found.verdict == "infected"
    assert found.found.startswith("Drill.Eicar")


def test_what_is_larger_than_it_takes_is_unscanned() -> None:
    with Clamd(megabytes=1) as small:
        assert scan(small.socket, bytes(3_000_000)).verdict == "unscanned"
        assert scan(small.tcp, bytes(60_000_000)).verdict == "unscanned"
        assert scan(small.socket, pdf()).verdict == "clean"


def test_a_scanner_that_does_not_say_what_it_skips_is_no_scanner() -> None:
    with Clamd(says_what_it_skips=False) as silent:
        found = scan(silent.socket, pdf())

    assert found.verdict == "unscanned"
    assert "AlertExceedsMax" in found.found


def test_nobody_there_is_unscanned(clamd: Clamd) -> None:
    for address in ("unix:///nowhere/socket", "tcp://127.0.0.1:9"):
        assert scan(address, pdf()).verdict == "unscanned"


@pytest.mark.parametrize("address", ["clamd", "http://localhost:3310", "tcp://localhost", "unix://"])
def test_an_address_of_nothing_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no scanner"):
        Scanner(address)
