"""What a profile asks of passwords and sessions.

``asvs``: OWASP ASVS 4.0.3, V2.1 and V3.3 (level 2): long and not guessable, no composition rule, no rotation.
``djbh``: GB/T 22239-2019 (等级保护) 8.1.4.1: complex and changed regularly; the figures are those usually asked for in
an assessment: eight places of three kinds, 90 days, none of the last five.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zxcvbn import zxcvbn

from shared.kernel.refusals import Refusal

LONGEST = 128
_ESTIMATED = 72
_OURS = ("fangbang", "放榜", "qingdao", "青岛")


@dataclass(frozen=True)
class Profile:
    """What is asked: ``kinds`` of the four kinds of characters, ``history`` passwords not to be taken again.

    ``strength`` is zxcvbn's score, 0 to 4; what has eight characters can hardly score more than 2.
    """

    shortest: int
    kinds: int
    strength: int
    history: int
    lasts: timedelta | None
    idle: timedelta
    absolute: timedelta


PROFILES = {
    "asvs": Profile(12, 1, 3, 1, None, timedelta(minutes=30), timedelta(hours=12)),
    "djbh": Profile(8, 3, 2, 5, timedelta(days=90), timedelta(minutes=30), timedelta(hours=12)),
}


def check_password(profile: Profile, password: str, about: Sequence[str] = ()) -> None:
    """Refuse a password that is too short, too plain, or easily guessed by who knows the words ``about`` its owner."""
    if not profile.shortest <= len(password) <= LONGEST:
        raise _bad(f"密码须为{profile.shortest}至{LONGEST}个字符。")
    if _kinds(password) < profile.kinds:
        raise _bad(f"密码须含大写字母、小写字母、数字、其他字符中的至少{profile.kinds}种。")
    known = [word.casefold() for word in (*about, *_OURS) if word]
    if zxcvbn(password[:_ESTIMATED], user_inputs=known)["score"] < profile.strength:
        raise _bad("这个密码容易被猜到，请避免常见密码、账号名、连续或重复的字符。")


def is_stale(profile: Profile, set_at: datetime, now: datetime) -> bool:
    """Whether a password has to be changed before its owner goes on."""
    return profile.lasts is not None and now - set_at > profile.lasts


def taken_before() -> Refusal:
    """The refusal of a password that was used lately."""
    return _bad("这个密码近期用过，请换一个。")


def describe(profile: Profile) -> str:
    """The rules in a sentence, for the hint beside the field."""
    kinds = f"，须含大写字母、小写字母、数字、其他字符中的至少{profile.kinds}种" if profile.kinds > 1 else ""
    return f"{profile.shortest}至{LONGEST}个字符{kinds}；不能是常见密码或含账号名。"


def _kinds(password: str) -> int:
    return len({_kind(character) for character in password})


def _kind(character: str) -> str:
    category = unicodedata.category(character)
    return category if category in ("Lu", "Ll", "Nd") else "other"


def _bad(message: str) -> Refusal:
    return Refusal("bad_password", message, field="password")
