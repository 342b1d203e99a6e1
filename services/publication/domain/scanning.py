"""Looks for personal numbers in what is about to become public; a hit blocks the writing.

Identity numbers, mobile numbers and bank cards are found between boundaries that are neither letters nor digits, so
that digests and ids do not look like them. Credit codes of organisations are public by law but stay out of our pages
unless the rulebook lists them.
"""

import re
from collections.abc import Collection
from typing import Literal, NamedTuple

from shared.kernel.refusals import Refusal

Kind = Literal["identity_number", "mobile", "bank_card", "credit_code"]

_EDGE = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
_IDENTITY = re.compile(_EDGE.format(r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"))
_MOBILE = re.compile(_EDGE.format(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}"))
_GROUPED = r"[3-6]\d{3}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{1,3})?"
_CARD = re.compile(_EDGE.format(rf"(?:[3-6]\d{{15,18}}|{_GROUPED})"))
_CREDIT_CODE = re.compile(_EDGE.format(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}"))
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Finding(NamedTuple):
    """A personal number in a text: what it looks like and where it begins; the number itself is not repeated."""

    kind: Kind
    at: int


_WORDS: dict[Kind, str] = {
    "identity_number": "身份证号码",
    "mobile": "手机号码",
    "bank_card": "银行卡号",
    "credit_code": "未列入公开范围的信用代码",
}


class PersonalData(Refusal):
    """What was to become public holds what may not be public; says where, never what."""

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        places = "、".join(f"{_WORDS[finding.kind]}（第{finding.at + 1}字）" for finding in findings)
        super().__init__("personal_data", f"{name} 含有不能公开的内容：{places}。请先更正。")
        self.findings = findings


def scan(text: str, allowed_codes: Collection[str] = ()) -> tuple[Finding, ...]:
    """Every personal number in a text, in order; ``allowed_codes`` are the credit codes the rulebook lets be shown."""
    found = [Finding("identity_number", hit.start()) for hit in _IDENTITY.finditer(text) if _identity(hit.group())]
    found += [Finding("mobile", hit.start()) for hit in _MOBILE.finditer(text)]
    found += [Finding("bank_card", hit.start()) for hit in _CARD.finditer(text) if _card(hit.group())]
    codes = [hit for hit in _CREDIT_CODE.finditer(text) if hit.group() not in allowed_codes]
    found += [Finding("credit_code", hit.start()) for hit in codes]
    allowed_at = {hit.start() for hit in _CREDIT_CODE.finditer(text) if hit.group() in allowed_codes}
    return tuple(sorted({hit for hit in found if hit.at not in allowed_at}, key=lambda hit: (hit.at, hit.kind)))


def require_clean(name: str, text: str, allowed_codes: Collection[str] = ()) -> None:
    """Refuse to go on with a public text that holds a personal number."""
    if findings := scan(text, allowed_codes):
        raise PersonalData(name, findings)


def _identity(number: str) -> bool:
    """Mainland numbers by shape; those beginning with 9 (residents from abroad) only with a right check digit."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return number[0] != "9" or "10X98765432"[total % 11] == number[17].upper()


def _card(number: str) -> bool:
    """16 to 19 digits that pass the Luhn check."""
    digits = [int(character) for character in number if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return 16 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
