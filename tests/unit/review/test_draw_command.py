"""`fangbang draw verify`: one transcript, a folder, a ZIP; true ones and tampered ones."""

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.draw import app
from deploy.verify.verify_bundle import main
from deploy.verify.verify_bundle import verify as verify_bundle
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


LIAR = b"def verify_draw(*given): return []\ndef ledger_problems(*given): return []\n"


def test_the_program_that_a_forger_laid_into_the_bundle_is_not_asked(bundle: Path) -> None:
    transcript = bundle / "review" / "draw-transcript.json"
    transcript.write_bytes(transcript.read_bytes().replace(b'"seats":3', b'"seats":2'))
    (bundle / "verify_draw.py").write_bytes(LIAR)

    assert verify(bundle)[0] == 1
    assert verify_bundle(bundle)[1] >= 1


@pytest.mark.parametrize(("name", "content"), [("none.zip", b"no archive"), ("one.json", b"\xff"), ("empty.zip", b"")])
def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    code, said = verify(tmp_path / name)

    assert (code, "不是" in said, "Traceback" in said) == (1, True, False)


def test_a_folder_without_or_with_a_broken_manifest_is_no_bundle(bundle: Path) -> None:
    (bundle / "MANIFEST.json").write_bytes(b"[]")
    broken = verify(bundle), main([str(bundle)])
    (bundle / "MANIFEST.json").unlink()
    missing = verify(bundle), main([str(bundle)])

    assert [broken[1], missing[1], missing[0][0]] == [1, 1, 1]
    assert "不是可以核验的证明包" in missing[0][1]


def test_a_bundle_without_a_draw_proves_nothing(bundle: Path) -> None:
    (bundle / "review" / "draw-transcript.json").unlink()

    assert verify(bundle) == (1, "证明包中没有抽取记录。\n")
