"""零分与否决情形、更正会签: what chair and office decide about cases before the unsealing, never seeing a sheet."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.review import store
from services.review.actions import correcting, findings
from services.review.domain.findings import KIND_WORDS, raisable_rules
from services.review.pages.doing import Work, do_and_go
from services.review.pages.fields import id_of
from services.review.reads import findings as views
from services.review.reads import panel as panels
from services.review.rulebooks import category_of
from services.review.site import page_for, render
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.form_fields import text_of
from shared.web.parts import Link
from shared.web.rights import may

router = APIRouter(prefix="/expert", include_in_schema=False)
PANELS = Link(label="审查组", href="/expert/panels")


@router.get("/panels/{stage_id}/findings")
async def listed(request: Request, act: Act = acting("panel.read")) -> Response:
    """Findings to rule on and confirm, corrections to countersign."""
    return await act.read(lambda tx: _page(tx, request))


async def _page(tx: Tx, request: Request) -> Response:
    stage_id = path_id(request, "stage_id")
    panel = await panels.overview(tx, stage_id, with_names=False)
    lines = await views.finding_lines(tx, stage_id)
    open_now = panel.stage_state == "open" and panel.state not in ("receiving", "unsealed", "settled")
    rules = open_now and may(tx.actor, "finding.rule")
    office = open_now and may(tx.actor, "finding.confirm")
    corrections = await views.correction_lines(tx, stage_id) if office else []
    waiting = sum(one.state == ("raised" if rules else "ruled") for one in lines) if rules or office else 0
    page = page_for(
        tx,
        request,
        "零分、否决情形与更正",
        category=panel.category_name,
        stage=panel.title,
        expected_of_me=f"{waiting + len(corrections)}项待您处理" if waiting + len(corrections) else None,
        next_step="全部裁定并确认后方可拆封，裁定适用于本案全部计分表",
        crumbs=(PANELS, Link(label=f"{panel.category_name}·{panel.title}", href=f"/expert/panels/{stage_id}")),
    )
    context: dict[str, Any] = {
        "panel": panel,
        "findings": lines,
        "corrections": corrections,
        "may_rule": rules,
        "may_confirm": office,
        "cases": [(str(one.case_id), one.neutral_number) for one in panel.cases if one.standing == "standing"],
        "raisable": await _raisable(tx, stage_id) if open_now and may(tx.actor, "finding.raise") else [],
    }
    return render(request, "findings.html", page, **context)


async def _raisable(tx: Tx, stage_id: UUID) -> list[tuple[str, str]]:
    category = category_of(await stage_row(tx, stage_id))
    variants = {case.dossier["variant"] for case in await store.standing_cases(tx, stage_id)}
    found = {one.rule_id: one for variant in variants for one in raisable_rules(category, variant)}
    return [(one.rule_id, f"{KIND_WORDS[one.kind]}：{one.label}（{one.article}）") for one in found.values()]


async def _do(act: Act, stage_id: UUID, work: Work) -> Response:
    return await do_and_go(act, f"/expert/panels/{stage_id}/findings", work)


@router.post("/panels/{stage_id}/findings")
async def raise_finding(
    stage_id: UUID, request: Request, act: Act = acting_form("finding.raise", page=_page)
) -> Response:
    """Office, chair or supervisor raise a finding on a case."""
    form = await request.form()
    case, rule, source = id_of(form, "case_id"), text_of(form, "rule_id"), text_of(form, "source")
    if not source:
        raise Refusal("source_needed", "请写明依据的来源。", field="source")
    return await _do(act, stage_id, lambda tx: findings.raise_on_panel(tx, stage_id, case, rule, source, None))


@router.post("/panels/{stage_id}/findings/{finding_id}/ruling")
async def rule_on(
    stage_id: UUID, finding_id: UUID, request: Request, act: Act = acting_form("finding.rule", page=_page)
) -> Response:
    """The chair's ruling."""
    form = await request.form()
    upheld, article, reason = form.get("answer") == "upheld", text_of(form, "article"), text_of(form, "reason")
    return await _do(
        act, stage_id, lambda tx: findings.rule_on(tx, finding_id, upheld=upheld, article=article, reason=reason)
    )


@router.post("/panels/{stage_id}/findings/{finding_id}/confirmation")
async def confirm(
    stage_id: UUID, finding_id: UUID, request: Request, act: Act = acting_form("finding.confirm", page=_page)
) -> Response:
    """The office confirms a ruling or sends it back."""
    form = await request.form()
    agrees, reason = form.get("answer") == "agrees", text_of(form, "reason") or None
    return await _do(act, stage_id, lambda tx: findings.confirm_ruling(tx, finding_id, agrees=agrees, reason=reason))


@router.post("/panels/{stage_id}/corrections")
async def countersign(
    stage_id: UUID, request: Request, act: Act = acting_form("correction.countersign", page=_page)
) -> Response:
    """The office's answer to a correction."""
    form = await request.form()
    digest, accepted = text_of(form, "digest"), form.get("answer") == "accept"
    reason = text_of(form, "reason") or None
    return await _do(
        act, stage_id, lambda tx: correcting.countersign(tx, stage_id, digest, accepted=accepted, reason=reason)
    )
