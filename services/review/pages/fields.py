"""Fields of submitted forms, read as what they must be; what is not is refused beside its field."""

from datetime import date
from uuid import UUID

from starlette.datastructures import FormData

from shared.kernel.refusals import Refusal
from shared.web.form_fields import text_of


def needed(form: FormData, *names: str) -> dict[str, str]:
    """These fields; a missing one is refused."""
    fields = {name: text_of(form, name) for name in names}
    if missing := next((name for name, value in fields.items() if not value), None):
        raise Refusal("missing", "请填写全部必填项。", field=missing)
    return fields


def day_of(form: FormData, name: str) -> date | None:
    """A day, None where the field is empty."""
    text = text_of(form, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as trouble:
        raise Refusal("bad_date", "日期格式应为 2026-05-07。", field=name) from trouble


def id_of(form: FormData, name: str) -> UUID:
    """The id chosen in a field."""
    return id_from(text_of(form, name), name)


def ids_of(form: FormData, name: str) -> list[UUID]:
    """The ids chosen in a field of several."""
    return [id_from(str(one), name) for one in form.getlist(name)]


def id_from(text: str, name: str) -> UUID:
    """An id as a form carries it."""
    try:
        return UUID(text)
    except ValueError as trouble:
        raise Refusal("bad_id", "请从列表中选择。", field=name) from trouble
