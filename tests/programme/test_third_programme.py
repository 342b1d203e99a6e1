"""A third programme, invented, with stages, scorecard and terms of its own, from a YAML file to its released list."""

from datetime import date
from pathlib import Path

import pytest

from deploy.rehearsal.driver.cast import Cast
from deploy.rehearsal.invented import InventedEnterprise, pool_experts
from deploy.rehearsal.run import rehearse
from deploy.stack import Stack
from shared.infra.rulebooks import install_rulebooks, load_shipped
from shared.rulebook import check_figures, read_figures

RULEBOOKS = Path(__file__).parent.parent / "rulebooks"
BOOK, CATEGORY = "drill-green-workshops", "green_workshop"
SAVED = {701: 35, 702: 20, 703: 5, 704: 31}
"""Share of energy saved, by applicant: 20, 12, 3 and 20 points."""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    install_rulebooks(RULEBOOKS)


def applicants() -> tuple[InventedEnterprise, ...]:
    return tuple(
        InventedEnterprise(
            number,
            CATEGORY,
            None,
            {"workshops": 2, "energy_saved": str(share * 10), "energy_used": "1000", "accidents": 1},
        )
        for number, share in SAVED.items()
    )


def cast() -> Cast:
    return Cast(
        giants=(),
        invented=applicants(),
        giant_targets={},
        experts=pool_experts(4),
        parts={},
        categories={BOOK: (CATEGORY,)},
    )


def test_its_form_is_checked_by_its_own_rules() -> None:
    rules = load_shipped()[BOOK].category(CATEGORY)

    good = read_figures(rules, applicants()[0].figures)
    bad = read_figures(rules, {"workshops": "两个", "energy_saved": -1})

    assert not good.problems
    assert not check_figures(rules, None, good.figures, filled_by="applicant")
    assert [problem.field for problem in bad.problems] == ["workshops"]
    missing = check_figures(rules, None, bad.figures, filled_by="applicant")
    assert {problem.field for problem in missing} >= {"energy_saved", "energy_used", "accidents"}


async def test_it_runs_from_the_window_to_the_released_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"FANGBANG_RULEBOOKS_DIR": str(RULEBOOKS)}
    with Stack(tmp_path / "data", profile="rehearsal", settings=settings) as stack:
        assert await rehearse(stack, cast=cast(), started=0.0, keep=False)

    told = capsys.readouterr().out
    listed = [line for line in told.splitlines() if "演练企业7" in line and "GW-" in line]
    assert {name for line in listed for name in ("演练企业701", "演练企业704") if name in line} == {
        "演练企业701",
        "演练企业704",
    }
    assert len(listed) == 2
    days = (date(2026, 1, 19) - date(2026, 1, 5)).days
    assert f"│ {days} " in told, "the window counts calendar days"
