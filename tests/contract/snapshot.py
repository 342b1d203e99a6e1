"""The facts as they were committed: within a version only optional fields may be added.

``python -m tests.contract.snapshot`` writes the snapshot anew and refuses what the rule forbids.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.asyncapi import fact_schemas

SNAPSHOT = Path(__file__).parent / "facts.json"
RULE = (
    "Within .v1 only optional fields may be added; a changed meaning is a new subject .v2 beside the old one. "
    "If you added a fact or an optional field, run `python -m tests.contract.snapshot` and commit facts.json beside it."
)
WORDS = ("description", "title")

Shapes = Mapping[str, Mapping[str, Any]]


def current() -> dict[str, dict[str, Any]]:
    """Shapes of all facts by subject, and of what they are made of by name."""
    schemas, definitions = fact_schemas()
    return {name: shape_of(schema) for name, schema in sorted({**schemas, **definitions}.items())}


def shape_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What binds of a schema: types, defaults, what is required; not its wording."""
    return {
        "properties": {name: _bare(one) for name, one in sorted(schema["properties"].items())},
        "required": sorted(schema.get("required", ())),
    }


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in sorted(value.items()) if key not in WORDS}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def committed() -> dict[str, dict[str, Any]]:
    """The snapshot in the repository."""
    found: dict[str, dict[str, Any]] = json.loads(SNAPSHOT.read_text("utf-8"))
    return found


def broken_promises(old: Shapes, new: Shapes) -> Iterator[str]:
    """What a reader of the old shapes could no longer rely on, one sentence each."""
    for name, before in old.items():
        if name not in new:
            yield f"{name} is gone"
            continue
        after = new[name]
        for field, shape in before["properties"].items():
            if field not in after["properties"]:
                yield f"{name}: {field} is gone"
            elif after["properties"][field] != shape:
                yield f"{name}: {field} was {shape} and is {after['properties'][field]}"
        for field in sorted(set(after["required"]) - set(before["required"])):
            yield f"{name}: {field} is now required"
        for field in sorted(set(before["required"]) - set(after["required"])):
            yield f"{name}: {field} is no longer always there"


def main() -> None:
    """Write the snapshot, unless a promise would be broken."""
    new = current()
    if SNAPSHOT.exists() and (broken := list(broken_promises(committed(), new))):
        sys.exit("\n".join([*broken, RULE]))
    SNAPSHOT.write_text(json.dumps(new, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{SNAPSHOT} holds {len(new)} shapes")


if __name__ == "__main__":
    main()
