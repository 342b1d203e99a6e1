"""密钥保管: setting the custody passphrase; a panel's key, its custodians, lost shares, and the unsealing."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from services.review.actions import custody, unsealing
from services.review.attesting import ServiceAttestor
from services.review.pages.doing import Work, do_or_show
from services.review.pages.fields import ids_of
from services.review.reads import custody as views
from services.review.reads import panel as panels
from services.review.sealing import Sealer
from services.review.site import errors_of, page_for, render
from shared.infra.database import Tx
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.rights import Role, may
from shared.web.two_persons import Agreement, agreement

router = APIRouter(prefix="/expert", include_in_schema=False)
PANELS = Link(label="审查组", href="/expert/panels")
_SHARE = (
    Column(label="份额"),
    Column(label="保管人"),
    Column(label="身份"),
    Column(label="状态"),
    Column(label="摘要"),
)


@router.get("/custody")
async def own(request: Request, act: Act = acting("custody.hold")) -> Response:
    """The custodian's own key."""
    return await act.read(lambda tx: _own_page(tx, request))


async def _own_page(tx: Tx, request: Request, form: FormData | None = None, refusal: Refusal | None = None) -> Response:
    found = await views.own_custody(tx)
    page = page_for(
        tx,
        request,
        "密钥保管",
        expected_of_me=None if found.recorded_at else "设定保管口令",
        next_step="有审查组开始赋分时，您会得到一份密钥份额" if found.recorded_at else None,
    )
    status = refusal.status if refusal else HTTPStatus.OK
    name = text_of(form, "name") if form is not None else found.name or ""
    return render(request, "custody.html", page, status=status, own=found, name=name, errors=errors_of(refusal))


@router.post("/custody")
async def record_key(request: Request, act: Act = acting_form("custody.hold")) -> Response:
    """Set the custody passphrase."""
    form = await request.form()
    name, passphrase = text_of(form, "name"), str(form.get("passphrase") or "")
    try:
        if not name:
            raise Refusal("missing", "请填写姓名。", field="name")
        if passphrase != str(form.get("passphrase_again") or ""):
            raise Refusal("passphrases_differ", "两次输入的保管口令不一致。", field="passphrase_again")
        await act(lambda tx: custody.record_key(tx, name, passphrase))
    except Refusal as refusal:
        if refusal.status != HTTPStatus.UNPROCESSABLE_ENTITY or refusal.field is None:
            raise
        shown = refusal
        return await act.read(lambda tx: _own_page(tx, request, form, shown))
    return RedirectResponse("/expert/custody", HTTPStatus.SEE_OTHER)


@router.get("/panels/{stage_id}/custody")
async def of_panel(stage_id: UUID, request: Request, act: Act = acting("panel.read")) -> Response:
    """A panel's key and custodians."""
    return await act.read(lambda tx: _panel_page(tx, request, stage_id))


async def _panel_page(tx: Tx, request: Request, stage_id: UUID, refusal: Refusal | None = None) -> Response:
    panel = await panels.overview(tx, stage_id, with_names=False)
    found = await views.panel_custody(tx, stage_id)
    open_now, broken = panel.stage_state == "open", found.state == "broken"
    sealed = open_now and panel.state == "sealed"
    question = await _unseal_question(tx, stage_id) if sealed and not broken else None
    page = page_for(
        tx,
        request,
        "本组密钥与保管人",
        category=panel.category_name,
        stage=panel.title,
        expected_of_me="两位保管人各自输入保管口令拆封" if question else None,
        next_step="拆封后立即汇总并移交" if question else None,
        crumbs=(PANELS, Link(label=f"{panel.category_name}·{panel.title}", href=f"/expert/panels/{stage_id}")),
    )
    context: dict[str, Any] = {
        "panel": panel,
        "custody": found,
        "columns": _SHARE,
        "shares": [_share_row(share) for share in found.shares],
        "question": question,
        "agreement": _agreement(request, panel, question, f"拆封{question['sheets']}份审查计分表")
        if question
        else None,
        "waits_for_standing": sealed and not broken and question is None,
        "holds": any(share.own and share.lost_at is None for share in found.shares),
        "losable": await _losable(tx, request, panel, found) if open_now else [],
        "may_name": open_now and may(tx.actor, "custody.name") and (found.generation is None or broken),
        "renewal": _agreement(request, panel, await custody.renew_question(tx, stage_id), "更换审查组密钥")
        if open_now and broken and may(tx.actor, "panel.renew_key")
        else None,
        "errors": errors_of(refusal),
    }
    return render(request, "panel_custody.html", page, status=refusal.status if refusal else 200, **context)


async def _unseal_question(tx: Tx, stage_id: UUID) -> dict[str, Any] | None:
    try:
        return await unsealing.unseal_question(tx, stage_id)
    except Refusal:
        return None


def _agreement(request: Request, panel: panels.PanelOverview, question: dict[str, Any], what: str) -> Agreement:
    """What two persons agree to on this page."""
    subject, here = f"{what}（{panel.category_name}·{panel.title}）", f"/expert/panels/{panel.stage_id}/custody"
    return agreement(request, question["act"], question["digest"], subject, here)


async def _losable(
    tx: Tx, request: Request, panel: panels.PanelOverview, found: views.PanelCustody
) -> list[dict[str, Any]]:
    """Shares that whoever looks may declare lost: the own one, and as the office, with a second person, any other."""
    losable = []
    for one in found.shares:
        if one.lost_at is None and (one.own or Role.OFFICE in tx.actor.roles):
            label, agreed = f"第{one.number}份：{one.name}（{one.role_word}）", None
            if not one.own:
                question = await custody.lost_question(tx, panel.stage_id, one.number)
                agreed = _agreement(request, panel, question, f"登记密钥份额遗失，{label}")
            losable.append({"number": one.number, "label": label, "own": one.own, "agreement": agreed})
    return losable


def _share_row(share: views.ShareHeld) -> Row:
    badge = Badge(text="在保管", tone=Tone.GOOD)
    if share.lost_at is not None:
        badge = Badge(text="已登记遗失", tone=Tone.BAD)
    elif share.opened:
        badge = Badge(text="已打开，等待第二份", tone=Tone.WORKING)
    return Row(cells=(f"第{share.number}份", share.name, share.role_word, badge, share.digest[:16] + "…"))


async def _do(act: Act, request: Request, stage_id: UUID, work: Work) -> Response:
    back = f"/expert/panels/{stage_id}/custody"
    return await do_or_show(act, back, work, lambda tx, refusal: _panel_page(tx, request, stage_id, refusal))


@router.post("/panels/{stage_id}/custodians")
async def name_custodians(stage_id: UUID, request: Request, act: Act = acting_form("custody.name")) -> Response:
    """Name the three custodians."""
    named = ids_of(await request.form(), "custodian")
    return await _do(act, request, stage_id, lambda tx: custody.name_custodians(tx, stage_id, named))


@router.post("/panels/{stage_id}/shares/lost")
async def report_lost(stage_id: UUID, request: Request, act: Act = acting_form("custody.hold")) -> Response:
    """Say that a share is lost."""
    form = await request.form()
    number, reason = text_of(form, "number"), text_of(form, "reason")
    if not number.isdecimal() or not reason:
        raise Refusal("missing", "请选择份额并说明情况。", field="reason")
    return await _do(
        act, request, stage_id, lambda tx: custody.report_lost(tx, stage_id, int(number), reason, act.ticket)
    )


@router.post("/panels/{stage_id}/key")
async def renew_key(stage_id: UUID, request: Request, act: Act = acting_form("panel.renew_key")) -> Response:
    """Replace a key that opens no more."""
    reason = text_of(await request.form(), "reason")
    if not reason:
        raise Refusal("reason_needed", "请说明更换密钥的理由。", field="reason")
    attestor = ServiceAttestor(request.app.state.service.secret)
    return await _do(act, request, stage_id, lambda tx: custody.renew_key(tx, attestor, stage_id, reason, act.ticket))


@router.post("/panels/{stage_id}/unseal")
async def unseal(stage_id: UUID, request: Request, act: Act = acting_form("panel.unseal")) -> Response:
    """Give the own share; the second of two breaks the seal."""
    passphrase = str((await request.form()).get("passphrase") or "")
    sealer = Sealer(request.app.state.service.secret)
    return await _do(act, request, stage_id, lambda tx: unsealing.unseal(tx, sealer, stage_id, passphrase, act.ticket))
