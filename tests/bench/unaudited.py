"""The submission service without its audit rows, to measure what they cost: ``python -m tests.bench.unaudited web``."""

import runpy
from typing import Any

from shared.infra.database import Tx


async def _nothing(_tx: Tx, _action: str, **_details: Any) -> None:
    """No row."""


if __name__ == "__main__":
    Tx.audit = _nothing  # type: ignore[method-assign]
    runpy.run_module("services.submission", run_name="__main__", alter_sys=True)
