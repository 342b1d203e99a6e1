"""What a filing must hold before it can be accepted, and what may be changed while it is put right."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from services.submission.domain.drafting import problems_of
from services.submission.domain.statement import evidence_kinds
from shared.kernel.names import seen_name
from shared.kernel.refusals import FieldProblem, Refusal
from shared.rulebook import (
    Category,
    EligibilityProblem,
    EvidenceKind,
    Figure,
    as_json,
    check_eligibility,
    check_figures,
    missing_evidence,
    read_figures,
)


@dataclass(frozen=True)
class RectificationItem:
    """One field to be put right (a fact of the form or a kind of evidence) and why."""

    field: str
    reason: str


def check_variant(category: Category, variant: str | None) -> None:
    """Refuse a missing or unknown class where the category has classes, and any where it has none."""
    known = {one.id: one.name for one in category.variants}
    if variant not in known and (known or variant is not None):
        raise Refusal("variant", f"请选择类别：{'、'.join(known.values()) or '本项目不分类别'}。", field="variant")


def read_entry(category: Category, raw: Mapping[str, object], filled_by: str) -> dict[str, Figure]:
    """Figures just entered by one party, each right in itself; missing ones are no fault yet.

    Raises:
        Refusal: ``figures`` with one problem a field; nothing is taken over then.
    """
    read = read_figures(category, raw)
    problems = read.problems + [
        problem
        for problem in check_figures(category, None, read.figures, filled_by=filled_by)
        if problem.code != "missing_fact"
    ]
    if problems:
        raise _faulty("figures", f"有{len(problems)}项填写有误", problems)
    return read.figures


def _faulty(code: str, what: str, problems: list[FieldProblem]) -> Refusal:
    return Refusal(code, f"{what}：{problems[0].message}", field=problems[0].field, problems=problems)


def stored_figures(figures: Mapping[str, Figure]) -> dict[str, object]:
    """Figures as JSON: numbers as decimal strings."""
    return {fact_id: as_json(value) for fact_id, value in figures.items()}


def check_complete(
    category: Category,
    variant: str | None,
    stored: Mapping[str, object],
    evidence_kinds: Collection[str],
    filled_by: str,
    unsound: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> tuple[EligibilityProblem, ...]:
    """Refuse an incomplete or ineligible filing; returns what the screener must look at by hand.

    ``unsound``: what was typed and is no figure; it is neither taken nor forgotten.

    Raises:
        Refusal: ``incomplete`` with every gap, or ``not_eligible`` with the article defended.
    """
    figures = read_figures(category, stored).figures
    own = {fact_id: value for fact_id, value in figures.items() if _filled_by(category, fact_id) == filled_by}
    problems = problems_of(category, unsound)
    problems += [one for one in check_figures(category, variant, own, filled_by=filled_by) if one.field not in unsound]
    problems += [
        FieldProblem(kind.id, "missing_evidence", f"缺少证明材料：{kind.label}（{kind.article}）。")
        for kind in missing_evidence(category, variant, evidence_kinds)
    ]
    if problems:
        raise _faulty("incomplete", f"还有{len(problems)}处未填完整", problems)
    return _check_entry(category, figures)


def _filled_by(category: Category, fact_id: str) -> str | None:
    fact = category.fact(fact_id)
    return None if fact is None else fact.filled_by


def _check_entry(category: Category, figures: Mapping[str, Figure]) -> tuple[EligibilityProblem, ...]:
    found = check_eligibility(category, figures)
    blocking = [problem for problem in found if problem.effect == "block"]
    if blocking:
        raise Refusal(
            "not_eligible",
            blocking[0].message,
            article=blocking[0].article,
            problems=[FieldProblem(one.rule, one.code, one.message) for one in blocking],
        )
    return tuple(problem for problem in found if problem.effect != "block")


def check_items(category: Category, items: Collection[RectificationItem]) -> None:
    """Refuse a rectification without items, without a reason, or of something the applicant did not file."""
    known = {fact.id for fact in category.facts if fact.filled_by == "applicant"}
    known |= {kind.id for kind in evidence_kinds(category)}
    if not items:
        raise Refusal("no_items", "限期整改须列明需要更正的项目和理由。", field="items")
    problems = []
    for place, item in enumerate(items):
        if item.field not in known:
            said = f"申报表中没有“{item.field}”这一项。"
            problems.append(FieldProblem(f"items.{place}.field", "unknown_item", said))
        elif not item.reason.strip():
            problems.append(FieldProblem(f"items.{place}.reason", "reason", "请写明理由。"))
    if problems:
        first = problems[0]
        raise Refusal(first.code, first.message, field=first.field, problems=problems)


def require_reopened(reopened: Collection[str], touched: Collection[str]) -> None:
    """While a filing is put right only the named fields may change."""
    for field in touched:
        if field not in reopened:
            raise Refusal("field_not_reopened", "整改期间只能更正所列项目。", field=field)


TITLES = {"person": "参评人姓名", "case": "案例名称"}
"""What is named beside the enterprise, by kind of subject."""


def checked_title(category: Category, title: str | None) -> str | None:
    """The name of the person or case study where the category honours one; refused elsewhere."""
    label, given = TITLES.get(category.subject_kind), seen_name(title or "", "title")
    if label is None:
        if given:
            raise Refusal("title", f"“{category.name}”不填写名称，参评对象是企业。", field="title")
        return None
    if not given:
        raise Refusal("title", f"请填写{label}。", field="title")
    return given


PAPER_SCAN = "paper_scan"
PAPER = EvidenceKind(id=PAPER_SCAN, label="纸质申报扫描件", article="—", required=True)
"""The one kind of evidence that every filing on paper has besides those of its rulebook."""


def require_scan(kinds: Iterable[str]) -> None:
    """Refuse a filing on paper without its scan: the sealed paper holds the applicant's statement."""
    if PAPER_SCAN not in kinds:
        raise Refusal("missing_scan", f"请上传盖章的{PAPER.label}。", field=PAPER_SCAN)


def require_received(received_on: date, opened_on: date, today: date) -> None:
    """Refuse a paper that came before the window opened, or in the future."""
    if not opened_on <= received_on <= today:
        said = f"{opened_on.isoformat()}至{today.isoformat()}"
        raise Refusal("paper_on", f"收到日期应在申报开始之后、今天之前（{said}）。", field="paper_on")


def require_name_consent(given: bool) -> None:
    """Refuse a person's filing without consent to the name being shown on notices and lists."""
    if not given:
        raise Refusal("name_consent", "请确认参评人同意在公示和发布名单中公开姓名与所在单位。", field="name_consent")


def require_reason(reason: str, field: str = "reason") -> None:
    """Refuse an act without its reason."""
    if not reason.strip():
        raise Refusal("reason", "请写明理由。", field=field)


def require_article(articles: Collection[str], article: str) -> None:
    """Refuse a decision that names no article of the rulebook."""
    if article not in articles:
        raise Refusal("unknown_article", f"实施办法中没有“{article}”。", field="article")
