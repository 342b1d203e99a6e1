"""A real SMTP server (aiosmtpd) that can be asked to behave as mail servers do: refuse, delay, fall silent."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.stack.ports import free_port

USER, PASSWORD = "fangbang", "quiet mailbox 7"
SILENCE = "silence"
TIMEOUT = 3.0
"""After so many seconds without an answer office gives a dialogue up; a busy machine answers before."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "mail.crt", folder / "mail.key"
    cert_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file


@dataclass
class MailRoom:
    """The server's manners and what it has taken.

    ``to`` and ``text`` hold answers still to be given, by address: to RCPT, and to the text; used up in order.
    """

    port: int
    ca_file: Path
    to: dict[str, list[str]] = field(default_factory=dict)
    text: dict[str, list[str]] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)

    def settings(self) -> dict[str, str]:
        """What a service needs to send by this server."""
        return {
            "FANGBANG_SMTP_HOST": "127.0.0.1",
            "FANGBANG_SMTP_PORT": str(self.port),
            "FANGBANG_SMTP_USER": USER,
            "FANGBANG_SMTP_PASSWORD": PASSWORD,
            "FANGBANG_SMTP_FROM": "放榜办公室 <office@fangbang.example>",
            "FANGBANG_SMTP_CA_FILE": str(self.ca_file),
            "FANGBANG_SMTP_TIMEOUT_SECONDS": str(TIMEOUT),
            "FANGBANG_SMTP_RETRY_SECONDS": "0.2",
        }

    def letters(self, address: str) -> list[EmailMessage]:
        """What was taken for this address."""
        return [one for one in self.taken if one["To"] == address]

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answers = self.to.get(address)
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answers = self.text.get(envelope.rcpt_tos[0])
        answer = answers.pop(0) if answers else "250 OK queued"
        if not answer.startswith(("4", "5")):
            parsed = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
            self.taken.append(cast("EmailMessage", parsed))
        if answer == SILENCE:  # taken, and nobody is told
            await asyncio.sleep(2 * TIMEOUT)
        return answer


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=known)


@contextmanager
def mail_room(folder: Path, *, starttls: bool = True, implicit: bool = False) -> Iterator[MailRoom]:
    """The server, listening; with STARTTLS and sign-in required, or with TLS from the first byte."""
    cert, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    room = MailRoom(free_port(), cert)
    manners: dict[str, Any] = {"tls_context": context, "require_starttls": True} if starttls else {}
    if starttls:
        manners |= {"authenticator": _authenticate, "auth_required": True}
    controller = Controller(
        room,
        hostname="127.0.0.1",
        port=room.port,
        ssl_context=context if implicit else None,
        **manners,
    )
    controller.start()
    try:
        yield room
    finally:
        controller.stop()
