"""The port for a public source of randomness that nobody of the draw controls.

A draw without a beacon rests on its parties alone. An adapter gives the value of a round once it is out: 32 bytes as
64 hex digits. The frozen list names the source and a round that lies ahead. The shipped adapter reads the values that
the office writes down, one file a round, in the folder that ``FANGBANG_BEACON_DIR`` names; whoever verifies compares
the value with the source itself.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from services.review.domain.draw import secret_bytes
from shared.kernel.refusals import Refusal


class Beacon(Protocol):
    """A public source of randomness."""

    async def value(self, number: int) -> str | None:
        """The value of a round as 64 hex digits; None as long as it is not out."""
        ...


class BeaconSilent(Exception):
    """The round that the list names is not out yet; the draw is tried again."""


class FolderBeacon:
    """A source whose values are written down as ``<round>.txt`` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def value(self, number: int) -> str | None:
        """What was written down for this round."""
        return await asyncio.to_thread(self._read, number)

    def _read(self, number: int) -> str | None:
        path = self._folder / f"{number}.txt"
        return secret_bytes(path.read_text("ascii").strip()).hex() if path.is_file() else None


def installed(folder: Path | None) -> Mapping[str, Beacon]:
    """The sources that may be named, by name: each a folder of its own."""
    if folder is None or not folder.is_dir():
        return {}
    return {one.name: FolderBeacon(one) for one in sorted(folder.iterdir()) if one.is_dir()}


async def require_ahead(beacons: Mapping[str, Beacon], name: str, number: int) -> None:
    """Refuse a source that is not installed, and a round that is out already: its value could have been chosen."""
    beacon = beacons.get(name)
    if beacon is None:
        raise Refusal("unknown_beacon", f"没有接入名为“{name}”的公共随机源。", field="beacon")
    if await beacon.value(number) is not None:
        raise Refusal("beacon_out", "这一轮的公共随机数已经公布，请指定尚未公布的一轮。", field="beacon")
