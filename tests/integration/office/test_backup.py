"""A backup of a running stack: what is refused, what it holds, and that it is laid down as it was."""

import asyncio
import io
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from minio.commonconfig import GOVERNANCE
from minio.retention import Retention
from typer.testing import CliRunner

from deploy.backup import cluster
from deploy.backup.buckets import client_of
from deploy.backup.checking import check
from deploy.backup.making import back_up, ledger_head
from deploy.backup.restoring import chosen, fill, refuse_taken
from deploy.cli import app
from deploy.declared import settings_on
from deploy.stack import Stack, StackRefusal
from deploy.stack.layout import DataDir
from shared.infra.backups import BackupMade
from shared.infra.files import EVIDENCE, Files
from shared.kernel.canonical import digest_bytes
from tests.integration.office.desk import desk
from tests.integration.office.neighbours import Office
from tests.integration.servers import eventually

CONTENT = b"%PDF-1.7 evidence of a rehearsal"
KEY = "case/evidence"


def lock_in(stack: Stack, key: str, content: bytes, sha256: str) -> str:
    """An object in the locked bucket, as the owner of evidence writes it; returns its version."""
    written = client_of(stack).put_object(
        EVIDENCE,
        key,
        io.BytesIO(content),
        len(content),
        metadata={"sha256": sha256},
        retention=Retention(GOVERNANCE, datetime.now(UTC) + timedelta(days=2)),
    )
    return str(written.version_id)


@pytest.fixture(scope="module")
def version(stack: Stack) -> str:
    """A piece of evidence."""
    return lock_in(stack, KEY, CONTENT, digest_bytes(CONTENT))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backups") / "here"


@pytest.fixture(scope="module")
def made(stack: Stack, office: Office, version: str, folder: Path) -> BackupMade:
    """A backup of the stack with a ledger and a piece of evidence in it."""
    eventually(lambda: ledger_head(stack) is not None, "the ledger stays empty")
    return back_up(stack, folder, print)


@pytest.fixture
def copied(made: BackupMade, folder: Path, tmp_path: Path) -> Path:
    """The backup, to be damaged."""
    copy = tmp_path / "copy"
    for name in ("objects", made.name):
        shutil.copytree(folder / name, copy / name)
    return copy / made.name


def content_of(backup: Path) -> Path:
    """Where the piece of evidence lies."""
    return backup.parent / "objects" / digest_bytes(CONTENT)[:2] / digest_bytes(CONTENT)


def turned(path: Path) -> None:
    """The same file with one bit turned."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda backup: turned(backup / "postgres" / "base.tar.gz"), "base.tar.gz: not the bytes"),
        (lambda backup: turned(content_of(backup)), rf"not the bytes that were backed up \(evidence/{KEY}\)"),
        (lambda backup: content_of(backup).unlink(), rf"missing \(evidence/{KEY}\)"),
        (lambda backup: turned(backup / "manifest.json"), "manifest.json is damaged"),
        (lambda backup: (backup / "keys" / "office.key").unlink(), r"office.key: missing"),
        (lambda backup: (backup / "keys" / "more.key").touch(), "keys/more.key: not in the manifest"),
        (lambda backup: (backup / "manifest.json").unlink(), "never finished"),
    ],
)
def test_a_damaged_backup_is_refused_by_what_is_damaged(
    copied: Path, spoil: Callable[[Path], object], named: str
) -> None:
    spoil(copied)

    with pytest.raises(StackRefusal, match=named):
        check(copied)


def test_a_second_backup_copies_no_file_again_and_both_are_whole(
    stack: Stack, made: BackupMade, folder: Path, version: str
) -> None:
    said: list[str] = []
    before = content_of(folder / made.name).stat()
    moment = eventually_another_second(made.name)
    second = back_up(stack, folder, said.append)

    assert second.name >= moment
    assert " 0 of them new " in said[-1]
    assert content_of(folder / second.name).stat() == before
    assert [check(folder / one.name)[1] for one in (made, second)] == [made.digest, second.digest]
    assert chosen(folder) == folder / second.name


def eventually_another_second(name: str) -> str:
    """Backups are called by the second."""
    eventually(lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}" > name, "time stands still")
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def test_a_folder_of_other_things_or_of_another_stack_is_refused(
    stack: Stack, copied: Path, made: BackupMade, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("mine")
    manifest = copied / "manifest.json"
    content = manifest.read_text().replace(stack.birth.id, "0" * 12)
    manifest.write_text(content)
    (copied / "manifest.sha256").write_text(digest_bytes(content.encode()))

    for place, why in (
        (foreign, "other things than backups"),
        (copied.parent, "another stack"),
        (stack.data.root / "backups", "would be lost with it"),
        (foreign / "letter.txt", "is a file"),
    ):
        with pytest.raises(StackRefusal, match=why):
            back_up(stack, place, print)
    assert [path.name for path in foreign.iterdir()] == ["letter.txt"]


def test_nothing_is_laid_down_where_anything_lies(stack: Stack, made: BackupMade, folder: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "letter.txt").write_text("mine")
    with pytest.raises(StackRefusal, match="is not empty"):
        refuse_taken(DataDir(taken))

    refused, checked, other = [
        CliRunner().invoke(app, ["restore", "--from", str(folder), *more])
        for more in (["--data", str(taken)], ["--check"], ["--check", "--digest", "0" * 64])
    ]
    assert (refused.exit_code, "is not empty" in refused.stderr) == (1, True)
    assert (checked.exit_code, "is whole" in checked.stdout) == (0, True)
    assert (other.exit_code, "another backup" in other.stderr) == (1, True)
    assert [path.name for path in taken.iterdir()] == ["letter.txt"]


def test_what_is_laid_down_has_ledger_evidence_and_keys(
    stack: Stack, made: BackupMade, folder: Path, version: str, tmp_path: Path
) -> None:
    backup = folder / made.name
    kept, _digest = check(backup)
    data = DataDir(tmp_path / "restored")
    fill(backup, kept, data)

    with Stack(data.root, services=False) as restored:
        head = ledger_head(restored)
        assert kept.ledger is not None
        assert head is not None
        assert head.entries >= kept.ledger.entries > 0
        files = Files(settings_on(restored, "submission"))
        there = asyncio.run(files.locked_version(KEY, version, digest_bytes(CONTENT)))
        other = asyncio.run(files.locked_version(KEY, version, "0" * 64))
        assert asyncio.run(files.get(EVIDENCE, KEY, there)) == CONTENT
        kept_until = client_of(restored).get_object_retention(EVIDENCE, KEY, there).retain_until_date
        assert kept_until > datetime.now(UTC) + timedelta(days=1)
        assert (there == version, other) == (False, None)
    assert data.keys.joinpath("office.key").read_bytes() == stack.data.keys.joinpath("office.key").read_bytes()
    assert not data.root.with_name("restored.restoring").exists()


def test_the_operators_page_shows_the_newest_backup_and_one_that_failed(
    stack: Stack, office: Office, made: BackupMade, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise StackRefusal("pg_verifybackup ended with exit code 1:\nand more")

    with desk(office, "operator1") as operator:
        shown = operator.get("/office/operations").text
        eventually_another_second(chosen(folder).name)
        monkeypatch.setattr(cluster, "prove", refuse)
        with pytest.raises(StackRefusal):
            back_up(stack, folder, print)
        failed = operator.get("/office/operations").text
    rows = office.get("auditor1", "/api/office/audit", params={"action": "backup.made"}).json()

    assert "已逐字节核对" in shown
    assert "没有成功" not in shown
    assert "的备份没有成功：pg_verifybackup ended with exit code 1:" in failed
    assert made.digest in [each["details"]["digest"] for each in rows]
    assert [path.name for path in folder.glob(".2*")] == []


def test_a_file_damaged_in_s3_is_named_and_the_rest_backed_up(stack: Stack, office: Office, tmp_path: Path) -> None:
    lock_in(stack, "case/rotten", b"not what it was", digest_bytes(b"what it was"))

    made = back_up(stack, tmp_path / "backups", print)

    assert made.damaged == 1
    assert check(tmp_path / "backups" / made.name)[0].damaged == ["evidence/case/rotten"]
