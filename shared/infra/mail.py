"""SMTP: handing a letter to a mail server in two steps, so that what is between them can be written down.

``begin`` connects, secures, signs in and names sender and addressee; until then nothing has been sent. ``finish``
hands over the text. A server that answers neither way after the text leaves it uncertain whether the letter goes out.
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Protocol

from shared.infra.settings import MailSecurity, Settings

_TEMPORARY = range(400, 500)


class Untransferred(Exception):
    """A letter did not go out; ``reason`` is for people of the office and holds no address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Deferred(Untransferred):
    """Not now: try again later."""


class Unavailable(Deferred):
    """The server itself is not to be had: no other letter would fare better now."""


class Bounced(Untransferred):
    """Refused for good."""


class Uncertain(Untransferred):
    """The text was handed over and no answer came: it may or may not go out."""


@dataclass(frozen=True)
class Letter:
    """What is sent: plain text to one addressee (mail address or mobile number) under an id that never changes."""

    letter_id: str
    to: str
    subject: str
    text: str
    written_at: datetime


class Transfer(Protocol):
    """A letter whose addressee the other side has accepted."""

    def finish(self) -> str:
        """Hand over the text; returns the other side's answer. Raises ``Untransferred``."""

    def drop(self) -> None:
        """Give the connection back; a letter that was not finished is not sent."""


class Carrier(Protocol):
    """A way to send letters; calls block and are made in a thread."""

    def begin(self, letter: Letter) -> Transfer:
        """Come as far as one can without sending anything. Raises ``Untransferred``."""


@dataclass(frozen=True)
class MailServer:
    """The mail server of the settings."""

    host: str
    port: int
    security: MailSecurity
    user: str | None
    password: str | None
    sender: str
    seconds: float
    context: ssl.SSLContext

    def begin(self, letter: Letter) -> "MailTransfer":
        """Connect, secure, sign in, name sender and addressee."""
        server = self._connect()
        try:
            self._sign_in(server)
            self._name_sender(server)
            _expect(server.rcpt(letter.to), letter.to)
        except Untransferred:
            _close(server)
            raise
        except (OSError, smtplib.SMTPException) as trouble:
            _close(server)
            raise Unavailable(f"与邮件服务器的连接中断（{type(trouble).__name__}）") from trouble
        return MailTransfer(server, letter, self._message(letter))

    def _connect(self) -> smtplib.SMTP:
        try:
            if self.security is MailSecurity.TLS:
                return smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=self.context)
            return self._plain()
        except ssl.SSLError as trouble:
            raise Unavailable("邮件服务器的证书未通过核验") from trouble
        except smtplib.SMTPNotSupportedError as trouble:
            raise Unavailable("邮件服务器不提供加密连接（STARTTLS）") from trouble
        except (OSError, smtplib.SMTPException) as trouble:
            raise Unavailable(f"连不上邮件服务器（{type(trouble).__name__}）") from trouble

    def _plain(self) -> smtplib.SMTP:
        server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        try:
            if self.security is MailSecurity.STARTTLS:
                server.starttls(context=self.context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _sign_in(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self.user is None:
            return
        try:
            server.login(self.user, self.password or "")
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as trouble:
            raise Unavailable("邮件服务器拒绝了登录，请核对账号和口令") from trouble

    def _name_sender(self, server: smtplib.SMTP) -> None:
        """A refused sender is our trouble, not the addressee's: the letter waits."""
        try:
            _expect(server.mail(parseaddr(self.sender)[1]), self.sender)
        except Untransferred as trouble:
            raise Unavailable(f"邮件服务器不接受发件人，{trouble.reason}") from trouble

    def _message(self, letter: Letter) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = self.sender, letter.to, letter.subject
        message["Date"] = format_datetime(letter.written_at)
        # The same at every try, so that a receiver that has the letter already can tell.
        message["Message-ID"] = f"<{letter.letter_id}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, cte="base64")
        return message.as_bytes()


@dataclass
class MailTransfer:
    """A letter whose addressee the mail server has accepted."""

    server: smtplib.SMTP
    letter: Letter
    message: bytes

    def finish(self) -> str:
        """DATA; returns the server's answer."""
        try:
            answer: tuple[int, bytes | str] = self.server.data(self.message)
        except smtplib.SMTPDataError as refused:
            answer = (refused.smtp_code, refused.smtp_error)
        except (OSError, smtplib.SMTPException) as trouble:
            raise Uncertain("正文已交出，邮件服务器没有答复，不知是否发出") from trouble
        finally:
            _close(self.server)
        return _expect(answer, self.letter.to)

    def drop(self) -> None:
        """Close without a text."""
        _close(self.server)


def mail_server(settings: Settings) -> MailServer | None:
    """The mail server, or None where none is set."""
    if settings.smtp_host is None or settings.smtp_from is None:
        return None
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=password,
        sender=settings.smtp_from,
        seconds=settings.smtp_timeout_seconds,
        context=ssl.create_default_context(cafile=settings.smtp_ca_file),
    )


def _expect(answer: tuple[int, bytes | str], address: str) -> str:
    """The server's words, without the address, when it agrees; else the refusal."""
    code, words = answer
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    said = f"{code} {' '.join(text.replace(address, '收件人').split())}"[:300]
    if 200 <= code < 300:
        return said
    if code in _TEMPORARY:
        raise Deferred(f"对方暂缓接收：{said}")
    raise Bounced(f"对方拒收：{said}")


def _close(server: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        server.quit()
    server.close()
