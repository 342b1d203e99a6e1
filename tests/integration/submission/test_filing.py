"""An enterprise files: what is taken, and what is refused with a sentence."""

import asyncio
import io
import json
import os
import signal
from uuid import UUID

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from deploy.stack import Stack
from shared.contracts.dossiers import ApplicationDossier
from shared.infra.files import Files
from shared.kernel.canonical import digest_bytes
from shared.kernel.credit_code import make_credit_code
from tests.evidence_files import docx, xlsx
from tests.integration.servers import eventually, key
from tests.integration.submission.desk import API, FIGURES, PDF, Desk, good, refused


@pytest.fixture(scope="module")
def window(desk: Desk) -> UUID:
    return desk.begin(desk.category())


def test_an_application_gets_its_number_and_receipt(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    kept = desk.attach(one, case_id, figures=["revenue_this_year"])

    receipt = good(desk.submit(one, case_id))

    assert receipt["number"].startswith("NQ-2025-")
    view = good(one.client.get(f"{API}/applications/{case_id}"))
    assert view["state"] == "accepted"
    assert view["who_must_act"] == "office"
    assert view["article"] == "第十九条"
    assert view["receipt"] == receipt
    assert view["figures"]["rd_expense_this_year"] == "123.45"
    assert view["evidence"][0]["sha256"] == kept["sha256"] == digest_bytes(PDF)
    accepted = "submission.application.accepted.v1"
    eventually(lambda: desk.outside.heard(accepted, case_id=case_id), "no fact of the acceptance")
    assert desk.outside.heard(accepted, case_id=case_id)[0]["dossier_digest"] == receipt["digest"]
    assert good(one.client.get(f"{API}/applications"))[0]["number"] == receipt["number"]


def test_the_receipts_digest_is_that_of_the_dossier_in_s3(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = desk.file(one, window)
    receipt = good(one.client.get(f"{API}/applications/{case_id}/receipt"))
    files = Files(desk.process.settings())

    eventually(lambda: asyncio.run(files.has_dossier("submission", receipt["digest"])), "the dossier is not in S3")
    content = asyncio.run(files.get_dossier("submission", receipt["digest"]))

    assert ApplicationDossier.model_validate_json(content).number == receipt["number"]


def test_a_second_application_in_the_category_is_refused(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    good(desk.open(one, window))

    refused(desk.open(one, window), 409, "already_filed")


def test_a_repeated_request_gets_the_first_answer(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id)
    same = key()

    first, second = desk.submit(one, case_id, same), desk.submit(one, case_id, same)

    assert good(first) == good(second)
    refused(desk.submit(one, case_id), 409, "case_state")


def test_a_wrong_check_digit_is_refused(desk: Desk) -> None:
    body = {"name": "演练企业", "credit_code": "913702000000009990"}

    problem = refused(desk.office.post(f"{API}/enterprises", json=body, headers=key()), 422, "bad_credit_code")

    assert problem["field"] == "credit_code"


def test_a_code_of_another_enterprise_is_refused(desk: Desk) -> None:
    one = desk.enterprise()
    known = next(each for each in good(desk.office.get(f"{API}/enterprises")) if each["name"] == one.name)
    body = {"name": "演练企业另一家", "credit_code": known["credit_code"]}

    refused(desk.office.post(f"{API}/enterprises", json=body, headers=key()), 409, "credit_code_taken")


@pytest.mark.parametrize(
    ("figures", "field", "code"),
    [
        ({"revenue_this_year": "约二千万"}, "revenue_this_year", "wrong_type"),
        ({"revenue_this_year": True}, "revenue_this_year", "wrong_type"),
        ({"main_product_invention_patents_3_years": 2.5}, "main_product_invention_patents_3_years", "wrong_type"),
        ({"rd_expense_this_year": -1}, "rd_expense_this_year", "out_of_range"),
        ({"industry_class": "something"}, "industry_class", "not_allowed_value"),
        ({"no_such_fact": 1}, "no_such_fact", "unknown_fact"),
    ],
)
def test_a_wrong_figure_is_refused_beside_its_field(
    desk: Desk, window: UUID, figures: dict[str, object], field: str, code: str
) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]

    problem = refused(desk.enter(one, case_id, {"revenue_last_year": 5, **figures}), 422, "figures")

    assert [(each["field"], each["code"]) for each in problem["problems"]] == [(field, code)]
    assert good(one.client.get(f"{API}/applications/{case_id}"))["figures"] == {}


def test_numbers_stay_exact(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    body = b'{"figures": {"revenue_this_year": 123456789012.100001, "rd_expense_this_year": 0.1}}'

    good(one.client.put(f"{API}/applications/{case_id}/figures", content=body, headers=key()))

    figures = good(one.client.get(f"{API}/applications/{case_id}"))["figures"]
    assert figures == {"revenue_this_year": "123456789012.100001", "rd_expense_this_year": "0.1"}


def test_an_incomplete_filing_names_every_gap(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, {key_: value for key_, value in FIGURES.items() if key_ != "titles_valid"}))

    problem = refused(desk.submit(one, case_id), 422, "incomplete")

    assert [each["field"] for each in problem["problems"]] == ["titles_valid", "audit_report"]


def test_who_may_not_enter_is_refused_with_the_article(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES | {"titles_valid": [], "core_technology_claimed": False}))
    desk.attach(one, case_id)

    problem = refused(desk.submit(one, case_id), 422, "not_eligible")

    assert problem["article"] == "第十四条"
    assert desk.state(one, case_id) == "draft"


def test_an_unconfirmed_statement_is_refused(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    path = f"{API}/applications/{case_id}/submit"

    answer = one.client.post(path, json={"statement_version": "2025-1", "confirmed": False}, headers=key())

    refused(answer, 422, "statement")


def test_wrong_roles_and_strangers_see_nothing(desk: Desk, window: UUID) -> None:
    one, other = desk.enterprise(), desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    body = {"stage_id": str(window), "enterprise_id": one.enterprise_id}

    refused(other.client.get(f"{API}/applications/{case_id}"), 404, "not_found")
    refused(desk.enter(other, case_id, FIGURES), 404, "not_found")
    refused(other.client.post(f"{API}/applications", json=body, headers=key()), 403, "not_allowed")
    refused(desk.office.post(f"{API}/applications", json=body, headers=key()), 403, "not_allowed")
    refused(one.client.get(f"{API}/cases/{case_id}"), 403, "not_allowed")
    refused(desk.anonymous.get(f"{API}/applications/{case_id}"), 401, "not_signed_in")
    assert good(other.client.get(f"{API}/applications")) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"figures": {"revenue_this_year": NaN}}', "invalid_json"),
        (b'{"figures": ', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"figures": 5}', "invalid_request"),
        (b'{"figures": {"revenue_this_year": 1e400}}', "figures"),
        (b'{"figures": {"industry_class": "\\u0000"}}', "figures"),
    ],
)
def test_a_malformed_body_is_refused(desk: Desk, window: UUID, body: bytes, code: str) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]

    answer = one.client.put(f"{API}/applications/{case_id}/figures", content=body, headers=key())

    refused(answer, 422, code)


@pytest.mark.parametrize("name", ["演练\x00企业", "演练\ud800企业"])
def test_text_that_cannot_be_kept_is_refused(desk: Desk, name: str) -> None:
    body = json.dumps({"name": name, "credit_code": make_credit_code("91370200900000001")}).encode()

    answer = desk.office.post(f"{API}/enterprises", content=body, headers=key())

    assert answer.status_code == 422, answer.text


def test_what_has_a_receipt_survives_a_crash(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id)

    receipt = good(desk.submit(one, case_id))
    desk.process.kill()
    desk.process.start()

    assert good(one.client.get(f"{API}/applications/{case_id}/receipt")) == receipt
    accepted = "submission.application.accepted.v1"
    eventually(lambda: desk.outside.heard(accepted, case_id=case_id), "the fact never left")
    assert len(desk.outside.heard(accepted, case_id=case_id)) == 1


def test_an_unknown_window_is_refused(desk: Desk) -> None:
    refused(desk.open(desk.enterprise(), UUID(int=1)), 404, "not_found")


# -- evidence ----------------------------------------------------------------------------------------------------------


def test_an_oversize_file_is_refused_when_announced_and_when_uploaded(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    large = PDF + bytes(50 * 1024 * 1024)

    refused(desk.announce(one, case_id, size=len(large)), 413, "evidence_too_large")
    announced = good(desk.announce(one, case_id, size=100))
    assert desk.upload(announced, large).is_client_error
    refused(desk.finalise(one, case_id, announced["evidence_id"]), 409, "not_uploaded")


@pytest.mark.parametrize(("name", "code"), [("名单.exe", "evidence_type"), ("无扩展名", "evidence_type")])
def test_a_wrong_type_is_refused_when_announced(desk: Desk, window: UUID, name: str, code: str) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]

    assert refused(desk.announce(one, case_id, name=name), 422, code)["field"] == "name"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("报告.pdf", b"MZ not a pdf"),
        ("表.xlsx", docx()),
        ("说明.docx", xlsx()),
        ("图.png", PDF),
    ],
)
def test_content_that_is_not_what_its_name_says_is_refused_and_removed(
    desk: Desk, window: UUID, name: str, content: bytes
) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    announced = good(desk.announce(one, case_id, name=name, size=len(content)))
    assert desk.upload(announced, content).is_success

    refused(desk.finalise(one, case_id, announced["evidence_id"]), 422, "evidence_type")

    refused(desk.finalise(one, case_id, announced["evidence_id"]), 422, "evidence_type")
    view = good(one.client.get(f"{API}/applications/{case_id}"))["evidence"]
    assert [(each["state"], bool(each["refusal"])) for each in view] == [("refused", True)]


def test_a_spreadsheet_is_kept_and_read_back(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    content = xlsx()

    kept = desk.attach(one, case_id, content, name="表.xlsx")

    found = one.client.get(f"{API}/cases/{case_id}/evidence/{kept['evidence_id']}")
    assert found.status_code == 303
    assert httpx.get(found.headers["location"]).content == content
    good(desk.finalise(one, case_id, kept["evidence_id"]))


def test_a_file_is_removed_from_a_draft_and_then_missing(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    kept = desk.attach(one, case_id)

    good(one.client.delete(f"{API}/applications/{case_id}/evidence/{kept['evidence_id']}", headers=key()))

    problem = refused(desk.submit(one, case_id), 422, "incomplete")
    assert [each["field"] for each in problem["problems"]] == ["audit_report"]


def test_numbers_of_a_category_are_without_gaps(desk: Desk) -> None:
    window = desk.begin(desk.category())

    cases = [desk.file(desk.enterprise(), window) for _ in range(3)]

    numbers = [desk.desk_case(case_id)["number"] for case_id in cases]
    assert numbers == ["NQ-2025-001", "NQ-2025-002", "NQ-2025-003"]


def test_acceptance_waits_for_neither_nats_nor_temporal(desk: Desk, window: UUID, stack: Stack) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id)
    pids = [row.pid for row in stack.status() if row.part in ("nats", "temporal") and row.pid]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)

    try:
        receipt = desk.submit(one, case_id)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    assert good(receipt)["number"]
    eventually(lambda: desk.outside.heard("submission.application.accepted.v1", case_id=case_id), "the fact never left")


def test_a_person_is_named_only_with_consent_and_in_no_fact(desk: Desk) -> None:
    window, one = desk.begin(desk.category("economic_figure")), desk.enterprise()
    assert "请填写参评人姓名" in json.dumps(refused(desk.open(one, window), 422, "title"), ensure_ascii=False)
    case_id = good(desk.open(one, window, title="演练人物甲"))["case_id"]
    figures = {"unit_kind": "qingdao_legal_person", "role": "chairman", "tenure_years": 5, "company_kinds": ["large"]}
    good(desk.enter(one, case_id, figures))
    desk.attach(one, case_id)

    refused(desk.submit(one, case_id), 422, "name_consent")
    receipt = good(desk.submit(one, case_id, name_consent=True))

    files = Files(desk.process.settings())
    eventually(lambda: asyncio.run(files.has_dossier("submission", receipt["digest"])), "the dossier is not in S3")
    content = asyncio.run(files.get_dossier("submission", receipt["digest"]))
    subject = ApplicationDossier.model_validate_json(content).subject
    assert (subject.entry_name, subject.unit) == ("演练人物甲", one.name)
    accepted = "submission.application.accepted.v1"
    eventually(lambda: desk.outside.heard(accepted, case_id=case_id), "no fact of the acceptance")
    assert "演练人物甲" not in json.dumps(
        desk.outside.heard(accepted, case_id=case_id), ensure_ascii=False, default=str
    )


def test_an_enterprise_enters_several_case_studies_each_once(desk: Desk) -> None:
    window, one = desk.begin(desk.category("development_case")), desk.enterprise()

    good(desk.open(one, window, title="演练案例一"))
    good(desk.open(one, window, title="演练案例二"))

    refused(desk.open(one, window, title="演练案例一"), 409, "already_filed")


def test_a_title_where_an_enterprise_is_honoured_is_refused(desk: Desk, window: UUID) -> None:
    refused(desk.open(desk.enterprise(), window, title="演练人物甲"), 422, "title")


def test_the_form_is_filled_in_as_a_workbook(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, {"revenue_this_year": "2000.5"}))
    path = f"{API}/applications/{case_id}/form.xlsx"
    book = load_workbook(io.BytesIO(one.client.get(path).content))
    rows = {row[4].value: row for row in book.worksheets[0].iter_rows(min_row=4)}
    assert float(rows["revenue_this_year"][1].value) == 2000.5
    rows["rd_expense_this_year"][1].value = 0.1
    rows["registered_in_qingdao"][1].value = "是"

    filled = _saved(book)
    good(one.client.put(path, content=filled, headers=key()))
    rows["rd_expense_this_year"][1].value = "很多"
    problem = refused(one.client.put(path, content=_saved(book), headers=key()), 422, "figures")
    refused(one.client.put(path, content=b"PK", headers=key()), 422, "not_a_workbook")
    stranger = desk.enterprise()
    assert stranger.client.put(path, content=filled, headers=key()).status_code == 404

    assert [each["field"] for each in problem["problems"]] == ["rd_expense_this_year"]
    figures = good(one.client.get(f"{API}/applications/{case_id}"))["figures"]
    assert figures["rd_expense_this_year"] == "0.1"
    assert figures["registered_in_qingdao"] is True


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
