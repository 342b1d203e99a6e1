"""What a submitted form says, field by field."""

from starlette.datastructures import FormData


def text_of(form: FormData, name: str) -> str:
    """A field's text without blanks around it; a field that is missing says nothing."""
    return str(form.get(name) or "").strip()
