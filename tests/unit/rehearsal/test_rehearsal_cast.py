"""Who plays in the rehearsal: published figures unchanged, invented ones lawful and always the same."""

from datetime import UTC, datetime
from decimal import Decimal

from deploy.rehearsal.account.printed import _days
from deploy.rehearsal.account.scores import recompute
from deploy.rehearsal.driver.cast import Part, full_cast, small_cast, whole_cast
from deploy.rehearsal.driver.clock import Pulse, next_instant
from deploy.rehearsal.driver.committee import choices
from deploy.rehearsal.driver.panel import judgements
from deploy.rehearsal.evidence_sheets import invented_pdf, published_workbook
from deploy.rehearsal.invented import LITTLE_GIANT, MODEL, NEW_QUALITY, judged
from deploy.rehearsal.other_categories import EVENT, PLATFORM, SYSTEM, TRADE, traders
from deploy.rehearsal.published import (
    PublishedEnterprise,
    published_enterprises,
    published_platforms,
    published_system,
)
from services.submission.domain.inconsistencies import inconsistencies_in
from shared.infra.rulebooks import load_shipped
from shared.kernel.credit_code import check_credit_code
from shared.rulebook import ALONE, Case, check_eligibility, check_figures, read_figures, score_case

GIANT_BOOK, QINGDAO = "little-giant-performance", "qingdao-economic-achievements"


def test_the_28_are_printed_whole() -> None:
    found = published_enterprises()
    assert len(found) == 28
    for one in found:
        assert check_credit_code(one.credit_code) == one.credit_code
        assert len(one.targets) == len(one.actuals) == len(one.official_items) == 13
        assert sum(map(Decimal, one.official_items.values())) - Decimal(one.deduction or 0) == one.official_total


def test_the_rule_departs_from_print_in_three() -> None:
    rules = load_shipped()[GIANT_BOOK].category(LITTLE_GIANT)
    apart = {one.seq for one in published_enterprises() if recompute(rules, one) != one.official_total}
    assert apart == {7, 9, 28}


def test_invented_applicants_may_file() -> None:
    books = load_shipped()
    for one in whole_cast().invented:
        assert check_credit_code(one.credit_code) == one.credit_code
        book = books[GIANT_BOOK if one.category_key == LITTLE_GIANT else QINGDAO]
        rules = book.category(one.category_key)
        read = read_figures(rules, one.figures)
        assert not read.problems
        assert not check_figures(rules, one.variant, read.figures, filled_by="applicant")
        assert not [problem for problem in check_eligibility(rules, read.figures) if problem.effect == "block"]


def test_nobody_invented_has_a_real_code() -> None:
    real = {one.credit_code for one in published_enterprises()}
    assert not real & {one.credit_code for one in (*whole_cast().invented, *traders())}


def test_every_part_is_played_once_in_each_category_with_a_panel() -> None:
    cast = full_cast()
    for key in (NEW_QUALITY, MODEL):
        for part in (Part.PUTS_RIGHT, Part.LAPSES, Part.IS_DISQUALIFIED, Part.WITHDRAWS_EARLY, Part.WITHDRAWS_LATE):
            assert len(cast.playing(key, part)) == 1
        assert len(cast.applicants(key)) >= 14
    assert {one.variant for one in cast.applicants(MODEL)} == {"manufacturing", "services"}
    assert len(small_cast().applicants(NEW_QUALITY)) < len(cast.applicants(NEW_QUALITY))


def test_scores_follow_from_their_words() -> None:
    assert judged("30", "0.5", "a") == judged("30", "0.5", "a")
    for words in range(50):
        given = Decimal(judged("15", "0.5", words))
        assert Decimal(9) <= given <= Decimal(15)
        assert given % Decimal("0.5") == 0


def test_of_alternatives_one_is_judged() -> None:
    items = [
        {"id": "a", "points": "15", "step": "0.5", "any_of": "group"},
        {"id": "b", "points": "15", "step": "0.5", "any_of": "group"},
        {"id": "c", "points": "6", "step": "0.5", "any_of": None},
    ]
    items = [{**item, "allowed_values": [], "allowed_ranges": []} for item in items]
    assert set(judgements(items, "甲", "expert01")) == {"a", "c"}


def test_a_departure_from_rank_has_its_reason() -> None:
    ranking = [
        {"case_id": str(place), "rank": place, "class": None, "struck": None, "vetoed": False, "number": str(place)}
        for place in range(1, 6)
    ]
    shown = {"ranking": ranking, "quota": 3, "shares": {}}
    plain = {row["case"]: row["decision"] for row in choices(shown, departs=False)}
    assert [case for case, decision in plain.items() if decision == "shortlisted"] == ["1", "2", "3"]
    departing = {row["case"]: row for row in choices(shown, departs=True)}
    assert [case for case, row in departing.items() if row["decision"] == "shortlisted"] == ["1", "2", "4"]
    assert departing["3"]["reason"]


def test_whoever_shares_the_rank_of_the_one_preferred_gets_a_reason_too() -> None:
    ranks = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 4}
    ranking = [
        {"case_id": case, "rank": rank, "class": None, "struck": None, "vetoed": False} for case, rank in ranks.items()
    ]

    entries = {row["case"]: row for row in choices({"ranking": ranking, "quota": 3, "shares": {}}, departs=True)}

    assert [case for case, row in entries.items() if row["decision"] == "shortlisted"] == ["1", "2", "4"]
    assert [case for case, row in entries.items() if "reason" in row] == ["3", "5"]


def test_evidence_is_the_same_at_every_run() -> None:
    books = load_shipped()
    giant, firm = published_enterprises()[0], full_cast().applicants(NEW_QUALITY)[0]
    giants, firms = books[GIANT_BOOK].category(LITTLE_GIANT), books[QINGDAO].category(NEW_QUALITY)
    assert published_workbook(giant, giants) == published_workbook(giant, giants)
    assert invented_pdf(firm, "审计报告", firms) == invented_pdf(firm, "审计报告", firms)
    assert invented_pdf(firm, "审计报告", firms, again=True) != invented_pdf(firm, "审计报告", firms)


def test_the_clock_stops_at_the_nearest_wish() -> None:
    now = datetime(2026, 2, 1, tzinfo=UTC)
    pulse = Pulse("office", now, 0, {}, 1, 0, datetime(2026, 2, 9, tzinfo=UTC), 0, ())
    assert next_instant([pulse], [datetime(2026, 2, 5, tzinfo=UTC)], now) == datetime(2026, 2, 5, tzinfo=UTC)
    assert next_instant([pulse], [], now) == datetime(2026, 2, 9, 0, 0, 1, tzinfo=UTC)
    assert next_instant([], [], now) is None


def test_counted_days_show_their_gaps() -> None:
    assert _days(["2026-02-12", "2026-02-13", "2026-02-14", "2026-02-24"]) == "02-12…14 02-24"


def test_the_amounts_of_the_development_table_are_filed_as_printed() -> None:
    third = published_enterprises()[2]
    assert third.actual_figures["total_revenue"] == "28019"
    assert third.actual_figures["rd_expenditure"] == "1069"
    assert "profit_growth" not in third.actual_figures


def test_the_use_of_the_funds_is_filed_as_printed() -> None:
    enterprises = published_enterprises()
    amounts = [(name, cell) for one in enterprises for name, cell in one.actual_figures.items() if "fund_" in name]
    assert sum(Decimal(str(cell)) for _, cell in amounts) == 5600
    rules = load_shipped()[GIANT_BOOK].category(LITTLE_GIANT)
    read = read_figures(rules, enterprises[0].actual_figures)
    assert read.figures["fund_innovation_investment"] == Decimal("148.10")
    assert not check_figures(rules, None, read.figures, filled_by="applicant")


def test_published_filings_do_not_agree_in_five() -> None:
    book = load_shipped()[GIANT_BOOK]
    found = {
        one.seq: [said.check for said in inconsistencies_in(book, LITTLE_GIANT, _figures(one), one.credit_code)]
        for one in published_enterprises()
    }
    apart = {seq: checks for seq, checks in found.items() if checks}
    assert apart == {
        3: ["derived_ratio"],
        16: ["derived_ratio"],
        18: ["derived_ratio"],
        23: ["derived_ratio"],
        26: ["entry_threshold"],
    }


def _figures(one: PublishedEnterprise) -> dict[str, object]:
    return {**one.target_figures, **one.actual_figures}


def test_traders_and_events_may_be_taken_in() -> None:
    book, cast = load_shipped()[QINGDAO], whole_cast()
    for key, figures, filled_by in (
        *((TRADE, row["figures"], "intake") for row in cast.intakes[TRADE].rows),
        *((EVENT, one.figures, "applicant") for one in cast.events),
    ):
        rules = book.category(key)
        read = read_figures(rules, figures)
        assert not read.problems
        assert not check_figures(rules, None, read.figures, filled_by=filled_by)
        assert not [problem for problem in check_eligibility(rules, read.figures) if problem.effect == "block"]


def test_the_whole_year_has_every_category_of_both_rulebooks() -> None:
    for book_id in (GIANT_BOOK, QINGDAO):
        keys = {category.key for category in load_shipped()[book_id].categories}
        assert set(whole_cast().categories[book_id]) == keys


def test_the_27_rows_of_the_service_system_score_as_printed() -> None:
    rules, system = load_shipped()[GIANT_BOOK].category(SYSTEM), published_system()
    assert rules.scorecard is not None
    read = read_figures(rules, system.figures)
    assert not read.problems
    assert not check_figures(rules, None, read.figures, filled_by="intake")

    result = score_case(rules.scorecard, Case("附1", None, read.figures), ALONE)

    printed = {indicator: Decimal(points) for indicator, points in system.official_items.items()}
    assert len(printed) == 27
    assert {item: points for item, points in result.items.items() if item != "fund_use_compliance"} == printed
    assert result.items["fund_use_compliance"] == 0
    assert (result.total, system.official_total, result.provisional) == (85, 85, ())
    short = {item for item, points in result.items.items() if points == 0} - {"fund_use_compliance"}
    assert short == {
        "cloud_enterprises_provincial",
        "cloud_enterprises_national",
        "digitalised_enterprises_provincial",
        "industrial_design_products_national",
    }


def test_the_platforms_are_taken_in_with_the_money_and_service_printed() -> None:
    rules, platforms = load_shipped()[GIANT_BOOK].category(PLATFORM), published_platforms()
    for one in platforms:
        read = read_figures(rules, one.figures)
        assert not read.problems
        assert not check_figures(rules, None, read.figures, filled_by="intake")
        assert rules.case_outcomes[one.outcome].label == "审核通过"
    amounts = [_added(one.figures, "_amount") for one in platforms]
    assert (sum(amounts), sum(_added(one.figures, "_served") for one in platforms)) == (622, 4287)
    assert [one.figures["enterprises_signed"] for one in platforms] == ["22", "9", "6"]
    assert platforms[0].figures["listing_tutoring_amount"] is None


def _added(figures: dict[str, str | bool | None], ending: str) -> Decimal:
    return sum((Decimal(str(cell)) for name, cell in figures.items() if name.endswith(ending) and cell), Decimal(0))


def test_no_credit_code_is_made_up_for_what_was_published_without_one() -> None:
    taken_in = whole_cast().intakes
    assert not [row for key in (SYSTEM, PLATFORM) for row in taken_in[key].rows if "credit_code" in row]


def test_each_class_is_filled_up_to_its_share() -> None:
    ranking = [
        {"case_id": f"{division}{rank}", "rank": rank, "class": division, "struck": None, "vetoed": False}
        for division in ("a", "b")
        for rank in (1, 2, 3)
    ]
    chosen = choices({"ranking": ranking, "quota": 3, "shares": {"a": 1, "b": 2}}, departs=False)
    assert [one["case"] for one in chosen if one["decision"] == "shortlisted"] == ["a1", "b1", "b2"]


def test_without_a_quota_everybody_is_listed() -> None:
    ranking = [{"case_id": "a", "rank": 1, "class": None, "struck": None, "vetoed": False}]
    assert choices({"ranking": ranking, "quota": None, "shares": {}}, departs=False)[0]["decision"] == "shortlisted"
