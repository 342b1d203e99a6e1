"""What is fixed when a stack is born: its profile, its storage server, its ports, its first moment."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from deploy.stack import ports
from deploy.stack.files import write_json
from deploy.stack.layout import DataDir
from deploy.stack.names import PROFILES, STORAGES
from deploy.stack.refusal import StackRefusal

REHEARSAL_START: Final = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""The rehearsed year begins on 5 January 2026 at 09:00 in Shanghai, whatever the day of the run."""


@dataclass(frozen=True)
class Birth:
    """The fixed record of a stack, kept in `stack.json`."""

    id: str
    profile: str
    storage: str
    born_at: str
    rehearsal_offset_seconds: int
    ports: dict[str, int]
    fixed_ports: list[str] = field(default_factory=list)

    @property
    def rehearsal(self) -> bool:
        """Whether business time is rehearsed on this stack."""
        return self.profile == "rehearsal"

    def port(self, name: str) -> int:
        """The port `name` of this stack."""
        return self.ports[name]

    @property
    def page_origin(self) -> str:
        """The origin of pages and APIs."""
        return f"http://127.0.0.1:{self.port('pages')}"

    @property
    def file_origin(self) -> str:
        """The origin of uploads and downloads."""
        return f"http://127.0.0.1:{self.port('files')}"

    @property
    def temporal_ui(self) -> str:
        """The address of Temporal's own pages, for operators."""
        return f"http://127.0.0.1:{self.port('temporal_ui')}"


def load(data: DataDir) -> Birth | None:
    """The record of the stack in `data`, or None when none was born there."""
    if not data.birth_file.exists():
        return None
    kept = json.loads(data.birth_file.read_text())
    return Birth(**{name: kept[name] for name in Birth.__dataclass_fields__})


def born(data: DataDir, *, profile: str | None, storage: str | None, fixed: Mapping[str, int]) -> Birth:
    """The record of the stack in `data`, made at first call; refuses another profile or storage."""
    kept = load(data)
    if kept is None:
        return _bear(profile or "real", storage or "seaweedfs", fixed)
    _refuse_change("profile", kept.profile, profile)
    _refuse_change("storage", kept.storage, storage)
    return _with_fixed_ports(kept, fixed)


def with_free_ports(birth: Birth) -> Birth:
    """The same stack with ports that are free now; called only while it does not run."""
    return replace(birth, ports=ports.rechoose(birth.ports, birth.fixed_ports))


def save(data: DataDir, birth: Birth, settings: Mapping[str, Mapping[str, str]]) -> None:
    """Write `stack.json`: the record, the addresses, and the settings of every service."""
    addresses = {"pages": birth.page_origin, "files": birth.file_origin, "temporal_ui": birth.temporal_ui}
    record = {**asdict(birth), "addresses": addresses, "settings": settings}
    write_json(data.birth_file, record, mode=0o600)


def _bear(profile: str, storage: str, fixed: Mapping[str, int]) -> Birth:
    _refuse_unknown("profile", profile, PROFILES)
    _refuse_unknown("storage", storage, STORAGES)
    now = datetime.now(UTC)
    offset = REHEARSAL_START - now if profile == "rehearsal" else now - now
    return Birth(
        id=secrets.token_hex(6),
        profile=profile,
        storage=storage,
        born_at=now.isoformat(timespec="seconds"),
        rehearsal_offset_seconds=int(offset.total_seconds()),
        ports=ports.choose(fixed),
        fixed_ports=sorted(fixed),
    )


def _with_fixed_ports(kept: Birth, fixed: Mapping[str, int]) -> Birth:
    ports.refuse_unknown(fixed)
    names = sorted({*kept.fixed_ports, *fixed})
    return replace(kept, ports={**kept.ports, **fixed}, fixed_ports=names)


def _refuse_unknown(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise StackRefusal(f"There is no {what} {value!r}; there are: {', '.join(known)}.")


def _refuse_change(what: str, kept: str, wanted: str | None) -> None:
    if wanted is not None and wanted != kept:
        raise StackRefusal(
            f"This data directory was born with {what} {kept!r} and never changes: "
            f"start it with that, or use another directory (--data) for {wanted!r}."
        )
