"""Rules of registering enterprises and of inviting people."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from shared.kernel.credit_code import BadCreditCode, check_credit_code
from shared.kernel.names import unseen_in, unseen_sentence
from shared.kernel.refusals import Conflict, FieldProblem, NotAllowed, Refusal

INVITATION_LIFE = timedelta(days=7)
CONFIRMED_LIFE = timedelta(days=30)
MOST_WAITING = 5

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_LIMITS = {"name": 200, "contact": 50, "industry": 50, "district": 50, "ownership": 50}


@dataclass(frozen=True)
class Registrant:
    """What an enterprise states of itself and of the person who registers it."""

    credit_code: str
    name: str
    contact: str
    mobile: str
    email: str
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None


def checked(given: Registrant) -> Registrant:
    """The registrant in normal form; refuses with every field that is wrong, not only the first."""
    problems = [*_code_problem(given.credit_code), *_text_problems(given), *_reach_problems(given)]
    if problems:
        first = problems[0]
        raise Refusal(first.code, first.message, field=first.field, problems=problems)
    return Registrant(
        credit_code=check_credit_code(given.credit_code),
        name=given.name.strip(),
        contact=given.contact.strip(),
        mobile=given.mobile.strip(),
        email=given.email.strip(),
        industry=(given.industry or "").strip() or None,
        district=(given.district or "").strip() or None,
        ownership=(given.ownership or "").strip() or None,
    )


def check_reach(mobile: str | None, email: str | None) -> None:
    """Refuse a mobile number or an e-mail address that cannot be one; either may be left out."""
    if mobile and not _MOBILE.fullmatch(mobile.strip()):
        raise Refusal("bad_mobile", _BAD_MOBILE, field="mobile")
    if email and not _EMAIL.fullmatch(email.strip()):
        raise Refusal("bad_email", _BAD_EMAIL, field="email")


def require_room(waiting: int) -> None:
    """Refuse to pile up registrations of one code that nobody has confirmed."""
    if waiting >= MOST_WAITING:
        raise Conflict(
            "registrations_waiting", "该信用代码已有多份注册申请待确认，请等待办公室处理。", field="credit_code"
        )


def require_undecided(state: str) -> None:
    """Refuse to decide on a registration twice."""
    if state != "waiting":
        raise Conflict("registration_decided", "这份注册申请已经处理。")


def require_joining(invited: Collection[str], own: Collection[str], enterprise: str) -> None:
    """Refuse to add anything but an enterprise to an enterprise's account: other roles want an account of their own."""
    if set(invited) != {enterprise} or enterprise not in own:
        raise NotAllowed("这份邀请须用新账号接受。", "separate_account")


_BAD_MOBILE = "手机号码应为11位数字，以1开头。"
_BAD_EMAIL = "电子邮箱格式不正确，例如 name@example.cn。"


def _code_problem(code: str) -> list[FieldProblem]:
    try:
        check_credit_code(code)
    except BadCreditCode as refusal:
        return [FieldProblem("credit_code", refusal.code, refusal.message)]
    return []


def _text_problems(given: Registrant) -> list[FieldProblem]:
    found = []
    for field, word in (("name", "企业名称"), ("contact", "联系人")):
        if not getattr(given, field).strip():
            found.append(FieldProblem(field, "missing", f"请填写{word}。"))
        elif (sign := unseen_in(getattr(given, field).strip())) is not None:
            found.append(FieldProblem(field, "unseen_sign", unseen_sentence(sign)))
    for field, most in _LIMITS.items():
        if len(getattr(given, field) or "") > most:
            found.append(FieldProblem(field, "too_long", f"最多{most}个字。"))
    return found


def _reach_problems(given: Registrant) -> list[FieldProblem]:
    found = []
    if not _MOBILE.fullmatch(given.mobile.strip()):
        found.append(FieldProblem("mobile", "bad_mobile", _BAD_MOBILE))
    if not _EMAIL.fullmatch(given.email.strip()):
        found.append(FieldProblem("email", "bad_email", _BAD_EMAIL))
    return found
