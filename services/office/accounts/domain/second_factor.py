"""One-time codes (TOTP, RFC 6238: six digits, SHA-1, 30 seconds), each good once."""

import base64
import hmac
from datetime import datetime
from hashlib import sha1

from pyotp import TOTP
from pyotp.utils import strings_equal

SECONDS = 30
DRIFT = 1
ISSUER = "放榜"


def fitting_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The time step whose code this is, one step of clock drift allowed; never one that is not after ``last_step``.

    Args:
        secret: base32.
        code: as typed; blanks do not count.
        now: system time.
        last_step: step of the code that was accepted last; codes up to it are used up.
    """
    totp, typed = TOTP(secret, interval=SECONDS), "".join(code.split())
    around = range(totp.timecode(now) - DRIFT, totp.timecode(now) + DRIFT + 1)
    return next((step for step in around if step > last_step and strings_equal(totp.generate_otp(step), typed)), None)


def enrolment_uri(secret: str, login: str, *, rehearsal: bool) -> str:
    """The ``otpauth:`` address that an authenticator app reads from a QR code."""
    issuer = f"{ISSUER}演练" if rehearsal else ISSUER
    return TOTP(secret, interval=SECONDS).provisioning_uri(name=login, issuer_name=issuer)


def seeded_secret(key: str, login: str) -> str:
    """The secret of a seeded account of a local stack; only who has the stack's random key can tell it."""
    return base64.b32encode(hmac.new(key.encode(), login.encode(), sha1).digest()).decode()
