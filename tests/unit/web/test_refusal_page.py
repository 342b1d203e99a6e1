"""A refusal reaches a person as a page with its own status, its fields, an id to quote and a way on."""

import pytest
from starlette.requests import Request

from shared.kernel.clock import FixedClock
from shared.kernel.refusals import Conflict, FieldProblem, NotFound, Refusal
from shared.web.gallery import samples
from shared.web.parts import FieldError
from shared.web.refusal_page import describe_refusal, make_refusal_renderer
from shared.web.templating import make_templates

MANIFEST = {name: name for name in ("kit.css", "app.css", "app.js", "htmx.js", "favicon.svg")}


def page_of(refusal: Refusal, base_template: str = "base.html") -> tuple[int, str]:
    templates = make_templates(None, rehearsal=True, manifest=MANIFEST)
    render = make_refusal_renderer(templates, FixedClock(samples.NOW), base_template=base_template)
    response = render(Request({"type": "http", "headers": []}), refusal, "trace-1")
    return response.status_code, bytes(response.body).decode("utf-8")


@pytest.mark.parametrize("base_template", ["base.html", "public_base.html"])
def test_refusal_page_keeps_status_sentence_and_id(base_template: str) -> None:
    status, html = page_of(Conflict("term_over", "本阶段期限已届满。", article="第十一条"), base_template)

    assert status == 409
    assert [words in html for words in ("本阶段期限已届满。", "第十一条", "trace-1", "term_over", "没有生效")] == [
        True
    ] * 5


def test_refusal_page_of_a_look_does_not_speak_of_an_act() -> None:
    status, html = page_of(NotFound())

    assert status == 404
    assert "没有生效" not in html


def test_refusal_page_escapes_what_was_typed() -> None:
    _, html = page_of(Refusal("not_a_number", "“<b>一亿</b>”不是数字。"))

    assert "<b>一亿" not in html


def test_the_only_field_at_fault_is_listed() -> None:
    view = describe_refusal(Refusal("bad_code", "校验位不正确。", field="credit_code"), "trace-1")

    assert view.problems == (FieldError(field="统一社会信用代码", message="校验位不正确。"),)


def test_an_act_that_wants_a_fresh_proof_asks_for_it_and_for_no_correction_nor_to_sign_in_again() -> None:
    templates = make_templates(None, rehearsal=True, manifest=MANIFEST)
    render = make_refusal_renderer(templates, FixedClock(samples.NOW))
    refused = Refusal("fresh_authentication", "此操作须再次验证身份。")
    signed_in = Request(
        {"type": "http", "method": "GET", "headers": [(b"cookie", b"fb_token=any")], "path": "/office/tickets"}
    )
    stranger = Request({"type": "http", "method": "GET", "headers": [], "path": "/office/tickets"})

    pages = [bytes(render(one, refused, "trace-1").body).decode() for one in (signed_in, stranger)]

    assert all("<h1>请先验证身份</h1>" in page for page in pages)
    assert ["/account/sign-in" in page for page in pages] == [False, True]
    assert ["/account/home" in page for page in pages] == [True, False]


def test_a_malformed_form_is_told_in_words_and_never_by_the_names_of_the_program() -> None:
    problems = (FieldProblem("reason", "missing", "此项必填。"), FieldProblem("body.q_7", "missing", "此项必填。"))
    refused = Refusal("invalid_request", "填写的内容有误：reason，此项必填。", field="reason", problems=problems)

    _, html = page_of(refused)

    assert "理由：此项必填。" in html
    assert not [word for word in ("reason", "q_7") if word in html]


def test_a_refused_form_leads_back_to_the_page_it_stood_on_and_nowhere_else() -> None:
    templates = make_templates(None, rehearsal=True, manifest=MANIFEST)
    render = make_refusal_renderer(templates, FixedClock(samples.NOW))
    headers = [(b"referer", b"https://elsewhere.example/office/stages/7/change?change=extend")]
    scope = {"type": "http", "method": "POST", "path": "/office/stages/7/changes", "headers": headers}

    html = bytes(render(Request(scope), Conflict("stage_state", "不能变更。"), "trace-1").body).decode()

    assert 'href="/office/stages/7/change?change=extend"' in html
    assert "elsewhere.example" not in html


def test_all_problems_are_listed() -> None:
    refusal = Refusal(
        "invalid", "填写有误。", field="a", problems=[FieldProblem("a", "x", "甲"), FieldProblem("b", "x", "乙")]
    )

    view = describe_refusal(refusal, "trace-1")

    assert [problem.message for problem in view.problems] == ["甲", "乙"]


def test_an_act_that_wants_a_fresh_proof_leads_to_it_and_back() -> None:
    templates = make_templates(None, rehearsal=True, manifest=MANIFEST)
    render = make_refusal_renderer(templates, FixedClock(samples.NOW))
    referer = (b"referer", b"http://fangbang.example/office/tickets?page=2")
    request = Request({"type": "http", "method": "POST", "path": "/office/tickets/x/confirm", "headers": [referer]})

    html = bytes(render(request, Refusal("fresh_authentication", "须再次验证身份。"), "trace-1").body).decode()

    assert 'href="/account/prove?next=%2Foffice%2Ftickets%3Fpage%3D2"' in html
