"""100,000 cases through `fangbang score`: time and memory on one core, printed with goal and gate.

CPU time decides: what else the machine does makes the wall clock longer, not the work.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from shared.infra.rulebooks import load_shipped
from shared.rulebook.exchange import scored_categories
from tests.unit.rulebook.cases import json_line, valid_case

CASES = 100_000
GOAL, GATE = 20, 40
MEMORY_GATE = 1024
QINGDAO, GIANT = "qingdao-economic-achievements", "little-giant-performance"


def write_cases(file: Path, rulebook: str, category: str | None) -> None:
    """Cases of one category, or of all in turn; all of a category in one population."""
    categories = scored_categories(load_shipped()[rulebook])
    chosen = list(categories.values()) if category is None else [categories[category]]
    random = Random(2026)
    with file.open("w", encoding="utf-8") as lines:
        for number in range(CASES):
            case = valid_case(chosen[number % len(chosen)], random, f"case-{number}", "2025")
            lines.write(json_line(case) + "\n")


@pytest.mark.parametrize(
    ("rulebook", "category"),
    [(QINGDAO, None), (QINGDAO, "model_enterprise"), (QINGDAO, "new_quality_pioneer"), (GIANT, "little_giant")],
)
def test_100_000_cases_stay_within_time_and_memory(tmp_path: Path, rulebook: str, category: str | None) -> None:
    cases, results = tmp_path / "cases.jsonl", tmp_path / "results.jsonl"
    write_cases(cases, rulebook, category)

    began = time.monotonic()
    with results.open("wb") as written:
        scorer = subprocess.Popen([sys.executable, "-m", "deploy", "score", rulebook, str(cases)], stdout=written)
        _, status, used = os.wait4(scorer.pid, 0)
        scorer.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began

    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
    verdict = "goal met" if cpu <= GOAL else "gate met" if cpu <= GATE else "MISSED"
    print(
        f"\nscore {CASES} of {category or 'six categories'}: {cpu:.1f} s CPU, {wall:.1f} s wall, {memory} MiB"
        f"  (goal {GOAL} s, gate {GATE} s: {verdict}; at most {MEMORY_GATE} MiB)",
        end="",
        flush=True,
    )
    with results.open("rb") as lines:
        assert sum(1 for _ in lines) == CASES
    assert scorer.returncode == 0
    assert cpu <= GATE
    assert memory <= MEMORY_GATE
