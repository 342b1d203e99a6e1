"""Handing letters to a real SMTP server: sign-in, certificates, refusals, delays and silence."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from deploy.stack.ports import free_port
from shared.infra.mail import Bounced, Deferred, Letter, MailServer, Unavailable, Uncertain, mail_server
from shared.infra.settings import Settings
from tests.integration.mail_room import SILENCE, MailRoom, mail_room

ADDRESS = "firm@example.com"
LETTER = Letter("01a2-letter", ADDRESS, "【演练】通知〔2026〕7号：请在期限内整改", "案号：XZ-0001\n", datetime.now(UTC))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with mail_room(tmp_path_factory.mktemp("mail")) as found:
        yield found


@pytest.fixture
def room(running: MailRoom) -> MailRoom:
    running.taken.clear()
    return running


def server(room: MailRoom, **changes: Any) -> MailServer:
    given = {name.removeprefix("FANGBANG_").lower(): value for name, value in room.settings().items()}
    others = dict.fromkeys(("database_url", "nats_url", "temporal_address", "s3_endpoint", "s3_public_origin"), "x")
    keys = dict.fromkeys(("s3_access_key", "public_origin", "token_public_key", "service_key"), "x")
    known = {"service": "office", "profile": "rehearsal", "local": True, "s3_secret_key": SecretStr("x")}
    found = mail_server(Settings.model_validate({**known, **others, **keys, **given, **changes}))
    assert found is not None
    return found


def test_a_letter_goes_out_encrypted_and_signed_in_under_its_own_id(room: MailRoom) -> None:
    for _ in range(2):
        answer = server(room).begin(LETTER).finish()

    assert answer == "250 OK queued"
    assert [one["Message-ID"] for one in room.taken] == ["<01a2-letter@fangbang.example>"] * 2
    first = room.taken[0]
    assert (first["Subject"], first["To"], first["Auto-Submitted"]) == (LETTER.subject, ADDRESS, "auto-generated")
    assert first.get_content().replace("\r\n", "\n") == LETTER.text


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    with mail_room(tmp_path, starttls=False, implicit=True) as room:
        assert server(room, smtp_security="tls", smtp_user=None).begin(LETTER).finish() == "250 OK queued"
        assert len(room.taken) == 1


def test_a_dropped_transfer_sends_nothing(room: MailRoom) -> None:
    server(room).begin(LETTER).drop()

    assert room.taken == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"smtp_password": "wrong"}, "邮件服务器拒绝了登录，请核对账号和口令"),
        ({"smtp_ca_file": None}, "邮件服务器的证书未通过核验"),
        ({"smtp_port": free_port()}, "连不上邮件服务器（ConnectionRefusedError）"),
        ({"smtp_user": None}, "邮件服务器不接受发件人，对方拒收：530"),
    ],
)
def test_a_server_that_is_not_to_be_had_keeps_the_letter_waiting_with_the_reason(
    room: MailRoom, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unavailable) as trouble:
        server(room, **changes).begin(LETTER)

    assert reason in trouble.value.reason
    assert room.taken == []


def test_a_server_without_encryption_is_not_used(tmp_path: Path) -> None:
    with mail_room(tmp_path, starttls=False) as room, pytest.raises(Unavailable) as trouble:
        server(room).begin(LETTER)

    assert trouble.value.reason == "邮件服务器不提供加密连接（STARTTLS）"


@pytest.mark.parametrize(
    ("where", "answer", "expected"),
    [
        ("to", "450 4.2.0 <firm@example.com> greylisted", Deferred),
        ("to", "550 5.1.1 <firm@example.com> no such user", Bounced),
        ("text", "451 4.3.0 try later", Deferred),
        ("text", "552 5.2.2 mailbox of firm@example.com is full", Bounced),
        ("text", SILENCE, Uncertain),
    ],
)
def test_refusals_delays_and_silence_are_told_apart_without_the_address(
    room: MailRoom, where: str, answer: str, expected: type[Exception]
) -> None:
    getattr(room, where)[ADDRESS] = [answer]

    with pytest.raises(expected) as trouble:
        server(room).begin(LETTER).finish()

    assert type(trouble.value) is expected
    assert ADDRESS not in trouble.value.reason  # type: ignore[attr-defined]
    assert answer == SILENCE or answer[:3] in trouble.value.reason  # type: ignore[attr-defined]
