"""No change of a scoring rule goes unnoticed: every mutant of an order comparison is killed, of the rest nearly all."""

import json
import subprocess
import sys

import pytest

SHARE = 0.95


@pytest.mark.deep
def test_mutation_of_the_scoring_rules_is_noticed() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.unit.rulebook.mutants"], stdout=subprocess.PIPE, text=True, check=False
    )

    tried = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    survived = [mutant for mutant in tried if not mutant["noticed"]]
    for mutant in survived:
        print(f"{mutant['module']}:{mutant['line']} {mutant['function']}: {mutant['change']}")
    print(f"{len(tried)} mutants, {len(survived)} survived")
    assert ran.returncode in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert len(tried) > 150
    assert [mutant for mutant in survived if mutant["edge"]] == []
    assert 1 - len(survived) / len(tried) >= SHARE
