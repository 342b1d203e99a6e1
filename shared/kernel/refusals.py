"""The tree of troubles a person can act on.

Everything else is a fault: it rises, is retried and is seen. A refusal always carries a stable code, a plain
Chinese sentence and, where it applies, the field and the article it defends.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one field of a form: path of the field, stable code, Chinese sentence."""

    field: str
    code: str
    message: str


class Refusal(Exception):
    """A rule was broken; the person can act. Nothing was changed.

    Args:
        code: stable identifier such as ``window_closed``; tests and programs rely on it.
        message: one plain Chinese sentence for the person.
        field: path of the field at fault, if there is one.
        article: article of the rulebook the refusal defends, such as ``第十八条``.
        problems: further problems, one a field, for forms.
    """

    status = 422

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        article: str | None = None,
        problems: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.field = field
        self.article = article
        self.problems = tuple(problems)


class Conflict(Refusal):
    """The state has moved on: decided twice, out of step, already done by somebody else."""

    status = 409


class NotFound(Refusal):
    """There is nothing here for this person; never tells whether it exists for somebody else."""

    status = 404

    def __init__(self, message: str = "没有找到您要的内容，或者您无权查看。", code: str = "not_found") -> None:
        super().__init__(code, message)


class NotAllowed(Refusal):
    """The role may not do this at all."""

    status = 403

    def __init__(self, message: str = "您的身份不能办理此事项。", code: str = "not_allowed") -> None:
        super().__init__(code, message)


class NotSignedIn(Refusal):
    """No valid token came with the request."""

    status = 401

    def __init__(self, message: str = "请先登录。", code: str = "not_signed_in") -> None:
        super().__init__(code, message)


class NoAnswer(Refusal):
    """Something that this needs does not answer; nothing was changed, and it may be tried again."""

    status = 503


class TooLarge(Refusal):
    """A body or file exceeds its limit."""

    status = 413
