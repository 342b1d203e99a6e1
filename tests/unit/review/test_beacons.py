"""Public sources of randomness: only those that are there, only rounds that are not out."""

from pathlib import Path

import pytest

from services.review.beacons import installed, require_ahead
from shared.kernel.refusals import Refusal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lottery").mkdir()
    (tmp_path / "lottery" / "7.txt").write_text("5c" * 32 + "\n")
    return tmp_path


async def test_a_round_has_its_value_once_it_is_written_down(folder: Path) -> None:
    lottery = installed(folder)["lottery"]

    assert await lottery.value(7) == "5c" * 32
    assert await lottery.value(8) is None


def test_without_a_folder_no_source_is_there(tmp_path: Path) -> None:
    assert installed(None) == installed(tmp_path / "none") == {}


@pytest.mark.parametrize(("name", "number", "code"), [("other", 8, "unknown_beacon"), ("lottery", 7, "beacon_out")])
async def test_an_unknown_source_and_a_round_that_is_out_are_refused(
    folder: Path, name: str, number: int, code: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        await require_ahead(installed(folder), name, number)

    assert refusal.value.code == code
    await require_ahead(installed(folder), "lottery", 8)


async def test_what_is_no_value_is_refused(folder: Path) -> None:
    (folder / "lottery" / "9.txt").write_text("many")

    with pytest.raises(Refusal):
        await installed(folder)["lottery"].value(9)
