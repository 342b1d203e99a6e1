"""Records the histories that the replay tests play: a whole category with a refusal on its way, and a whole cycle."""

import asyncio
import json
from pathlib import Path
from typing import Any

from services.office.cycles.domain import PlanState
from tests.workflow.office.fakes import KINDS, category_ref, cycle_ref, office_running, start_category, start_cycle

FOLDER = Path(__file__).parent / "histories"


async def record_category() -> None:
    """Every stage started, nudged without news, closed; the second one refused at first."""
    async with office_running() as (client, plan):
        handle = await start_category(client, category_ref())
        for position, kind in enumerate(KINDS[:-1]):
            while plan.calls[-1:] != [f"start {kind}"]:
                if plan.calls[-1:] == ["stuck"]:
                    await handle.signal("look_again")
                await asyncio.sleep(0.05)
            plan.change(position, state=PlanState.OPEN)
            await handle.signal("look_again")
            plan.refusals = 1 if position == 0 else 0
            plan.change(position, state=PlanState.CLOSED, closed_at=await plan.now())
            await handle.signal("look_again")
        await handle.result()
        _write("category", (await handle.fetch_history()).to_json())


async def record_cycle() -> None:
    """Categories opened, released, over."""
    async with office_running() as (client, plan):
        handle = await start_cycle(client, cycle_ref())
        for state in ("awaiting", "released"):
            await asyncio.sleep(2)
            plan.cycle_state = state
            await handle.signal("look_again")
        await handle.result()
        _write("cycle", (await handle.fetch_history()).to_json())


def _write(name: str, history: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    kept = json.dumps(_impersonal(json.loads(history)), ensure_ascii=False, indent=1)
    (FOLDER / f"{name}.json").write_text(kept + "\n", encoding="utf-8")


def _impersonal(value: Any) -> Any:
    """Without the machine: no paths of a checkout, no process and host."""
    if isinstance(value, list):
        return [_impersonal(one) for one in value]
    if isinstance(value, dict):
        left_out = ("stackTrace", "identity")
        return {key: _impersonal(one) for key, one in value.items() if key not in left_out}
    return value


async def record() -> None:
    """Record all."""
    await record_category()
    await record_cycle()


if __name__ == "__main__":
    asyncio.run(record())
