"""What a rectification has changed: the named items before and after, nothing else."""

from uuid import UUID

from services.submission.domain.filing import RectificationItem
from services.submission.domain.mending import Filed, Mended, mended
from shared.contracts.dossiers import EvidenceItem
from shared.infra.rulebooks import load_shipped

PIONEER = load_shipped()["qingdao-economic-achievements"].category("new_quality_pioneer")


def report(sha256: str) -> EvidenceItem:
    return EvidenceItem(
        evidence_id=UUID(int=1),
        name="审计报告.pdf",
        kind="audit_report",
        sha256=sha256,
        size=1,
        version_id="v",
        figures=(),
    )


def test_named_items_are_shown_before_and_after_also_those_that_stayed() -> None:
    items = [
        RectificationItem("revenue_this_year", "与审计报告不一致"),
        RectificationItem("titles_valid", "称号过期"),
        RectificationItem("audit_report", "缺页"),
    ]
    before = Filed(
        {"revenue_this_year": "2000", "titles_valid": ["gazelle"], "revenue_last_year": "1"}, [report("a" * 64)]
    )
    after = Filed(
        {"revenue_this_year": "2100", "titles_valid": ["gazelle"], "revenue_last_year": "2"}, [report("b" * 64)]
    )

    found = mended(PIONEER, items, before, after)

    assert found == (
        Mended("revenue_this_year", "与审计报告不一致", ("2000",), ("2100",)),
        Mended("titles_valid", "称号过期", ("gazelle",), ("gazelle",)),
        Mended("audit_report", "缺页", ("审计报告.pdf（aaaaaaaa）",), ("审计报告.pdf（bbbbbbbb）",)),
    )
    assert [one.changed for one in found] == [True, False, True]
