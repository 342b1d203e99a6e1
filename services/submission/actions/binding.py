"""What a kept file shows: changed without sending the file again, where the filing itself may still be changed."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, delete

from services.submission import store
from services.submission.actions.cases import case_place
from services.submission.actions.filing import case_for_filing, reopened_fields
from services.submission.actions.rules import category_of
from services.submission.domain.evidence import check_page
from services.submission.domain.filing import require_reopened
from services.submission.tables import Evidence, EvidenceBinding
from shared.infra.database import Tx
from shared.kernel.refusals import Conflict, Refusal
from shared.rulebook import Category

MAY_CHANGE = ("kept", "held")
"""States of a file whose figures and pages may be put right."""


async def bind_evidence(tx: Tx, case_id: UUID, evidence_id: UUID, wanted: Mapping[str, int | None]) -> Evidence:
    """Have a file show exactly these figures, each on its page; unchanged ones cost nothing.

    Raises:
        Refusal: an unknown figure, a page the file does not have, or a figure that a rectification has not reopened.
        Conflict: the file was not taken, or is no longer in force.
    """
    case, rectification = await case_for_filing(tx, case_id)
    evidence = await store.evidence_file(tx, case_id, evidence_id, update=True)
    if evidence.state not in MAY_CHANGE:
        raise Conflict("not_in_force", "此文件未被接收或已不是最新版本，请刷新页面后重试。")
    bound = (await store.bindings_of(tx, [evidence_id])).get(evidence_id, [])
    before = {one.figure: one.page for one in bound}
    _check_wanted(category_of(case), evidence, wanted)
    touched = sorted(name for name in {*before, *wanted} if _shown(before, name) != _shown(wanted, name))
    if not touched:
        return evidence
    if rectification is not None and evidence.kind not in reopened_fields(rectification):
        require_reopened(reopened_fields(rectification), touched)
    await tx.session.execute(delete(EvidenceBinding).where(col(EvidenceBinding.evidence_id) == evidence_id))
    tx.session.add_all(EvidenceBinding(evidence_id=evidence_id, figure=name, page=wanted[name]) for name in wanted)
    case.version += 1
    tx.session.add(case)
    await tx.audit("evidence.bound", **case_place(case), evidence=evidence_id, before=before, after=dict(wanted))
    return evidence


def _shown(bindings: Mapping[str, int | None], figure: str) -> tuple[bool, int | None]:
    return figure in bindings, bindings.get(figure)


def _check_wanted(category: Category, evidence: Evidence, wanted: Mapping[str, int | None]) -> None:
    for figure, page in wanted.items():
        if category.fact(figure) is None:
            raise Refusal("unknown_fact", f"申报表中没有“{figure}”这一项。", field="figure")
        check_page(page, evidence.pages)
