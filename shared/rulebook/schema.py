"""The JSON Schema of a rulebook, for editors that complete keys and mark mistakes while a rulebook is written.

It says which keys and values there may be; what must hold across the whole is said by ``fangbang rulebook check``.
"""

from typing import Any

from pydantic.json_schema import models_json_schema

from shared.rulebook.models import Rulebook
from shared.rulebook.scoring.rule import rule_kinds

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "#/$defs/{model}"


def rulebook_schema() -> dict[str, Any]:
    """The schema; a rule is one of the registered kinds, told apart by its ``kind``."""
    kinds = rule_kinds()
    wanted = [(model, "validation") for model in (Rulebook, *kinds.values())]
    _, schema = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]
    parts = schema["$defs"]
    references = {kind: _REFERENCE.format(model=model.__name__) for kind, model in sorted(kinds.items())}
    parts["Rule"] = {
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "kind", "mapping": references},
    }
    return {"$schema": _DIALECT, **parts.pop("Rulebook"), "$defs": parts}
