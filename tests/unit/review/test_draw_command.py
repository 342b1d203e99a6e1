"""`fangbang draw verify`: one transcript, a folder, a ZIP; true ones and tampered ones."""

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.draw import app
from tests.unit.publication.bundle_of_a_list import write


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    with zipfile.ZipFile(write(tmp_path)) as archive:
        archive.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


def verify(path: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["verify", str(path), *options])
    return done.exit_code, done.output


def test_the_draw_of_a_bundle_is_proven_as_folder_zip_and_transcript(bundle: Path, tmp_path: Path) -> None:
    for given in (bundle, tmp_path / "bundle.zip", bundle / "review" / "draw-transcript.json"):
        assert verify(given) == (0, "draw-transcript.json: 抽取重算一致\n")


def test_a_tampered_draw_and_one_that_the_ledger_does_not_know_are_refused(bundle: Path) -> None:
    transcript = bundle / "review" / "draw-transcript.json"
    true = transcript.read_bytes()
    other_digest = verify(transcript, "--digest", "00" * 32)
    transcript.write_bytes(true.replace(b'"seats":3', b'"seats":2'))
    tampered = verify(bundle)
    transcript.write_bytes(true)
    ledger = bundle / "office" / "ledger.json"
    ledger.write_bytes(ledger.read_bytes().replace(b"draw.silent.supervisor", b"draw.silent.superviser"))
    unnamed = verify(bundle)

    assert (other_digest[0], tampered[0], unnamed[0]) == (1, 1, 1)
    assert "名单与名单摘要不符" in tampered[1]
    assert "第1次抽取没有如实登记入账" in unnamed[1]


def test_a_bundle_without_a_draw_proves_nothing(bundle: Path) -> None:
    (bundle / "review" / "draw-transcript.json").unlink()

    assert verify(bundle) == (1, "证明包中没有抽取记录。\n")
