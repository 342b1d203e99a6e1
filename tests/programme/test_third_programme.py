"""A third programme, invented, with stages, scorecard and terms of its own, from a YAML file to its released list."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from deploy.rehearsal.run import rehearse
from deploy.stack import Stack
from shared.infra.rulebooks import load_shipped
from shared.rulebook import check_figures, read_figures
from tests.programme.green_workshops import BOOK, CATEGORY, RULEBOOKS, applicants, cast, installed, require_both_listed


@pytest.fixture(scope="module", autouse=True)
def third() -> Iterator[None]:
    with installed():
        yield


def test_its_form_is_checked_by_its_own_rules() -> None:
    rules = load_shipped()[BOOK].category(CATEGORY)

    good = read_figures(rules, applicants()[0].figures)
    bad = read_figures(rules, {"workshops": "两个", "energy_saved": -1})

    assert not good.problems
    assert not check_figures(rules, None, good.figures, filled_by="applicant")
    assert [problem.field for problem in bad.problems] == ["workshops"]
    missing = check_figures(rules, None, bad.figures, filled_by="applicant")
    assert {problem.field for problem in missing} >= {"energy_saved", "energy_used", "accidents"}


@pytest.mark.deep
async def test_it_runs_from_the_window_to_the_released_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"FANGBANG_RULEBOOKS_DIR": str(RULEBOOKS)}
    with Stack(tmp_path / "data", profile="rehearsal", settings=settings) as stack:
        assert await rehearse(stack, cast=cast(), started=0.0, keep=False)

    told = capsys.readouterr().out
    require_both_listed(told)
    days = (date(2026, 1, 19) - date(2026, 1, 5)).days
    assert f"│ {days} " in told, "the window counts calendar days"
