"""A notice reaches its addressee and nobody else."""

from uuid import uuid4

from deploy.stack import Stack
from shared.contracts.facts import NoticeDue, NoticeRead
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import derived_id
from tests.integration.office.neighbours import Office, publish
from tests.integration.servers import eventually


def due(kind: str, **more: object) -> NoticeDue:
    known = {"source": "submission", "notice_id": uuid4(), "recipient_kind": kind, "template": "rectification_asked"}
    return NoticeDue.model_validate({**known, "case_number": "XZ-0001", "link": "/portal/cases/1", **more})


def ids(office: Office, login: str) -> list[str]:
    return [one["notice_id"] for one in office.get(login, "/api/office/notices").raise_for_status().json()]


def test_a_notice_is_delivered_to_the_enterprise_it_names(office: Office, stack: Stack) -> None:
    code, another = (make_credit_code(f"91370202MA3{uuid4().int % 10**6:06d}") for _ in range(2))
    mine = office.member("enterprise", enterprises=[code])
    other = office.member("enterprise", enterprises=[another])
    for account in (mine, other):
        office.sign_in_as(account["login"], account["password"])
    notice = due("enterprise", recipient_id=derived_id("enterprise", code))

    publish(stack, "submission", notice, notice)
    eventually(lambda: ids(office, mine["login"]) == [str(notice.notice_id)], "the notice did not come")

    path = f"/api/office/notices/{notice.notice_id}/read"
    stolen, first, again = (
        office.post(other["login"], path),
        office.post(mine["login"], path),
        office.post(mine["login"], path),
    )
    assert ids(office, other["login"]) == []
    assert (stolen.status_code, stolen.json()["code"]) == (404, "not_found")
    assert first.json()["read_at"] == again.json()["read_at"]
    assert (first.json()["title"], first.json()["case_number"]) == ("请在期限内整改", "XZ-0001")


def test_a_notice_read_where_another_service_shows_it_counts_as_read(office: Office, stack: Stack) -> None:
    code = make_credit_code(f"91370202MA3{uuid4().int % 10**6:06d}")
    account = office.member("enterprise", enterprises=[code])
    office.sign_in_as(account["login"], account["password"])
    notice = due("enterprise", recipient_id=derived_id("enterprise", code))

    publish(stack, "submission", notice, NoticeRead(source="submission", notice_id=notice.notice_id))

    def read() -> bool:
        found = office.get(account["login"], "/api/office/notices").raise_for_status().json()
        return bool(found) and found[0]["read_at"] is not None

    eventually(read, "office does not hear that the notice was read")


def test_a_notice_to_a_role_is_read_by_those_who_hold_it(office: Office, stack: Stack) -> None:
    notice = due("role", recipient_role="co_chair")

    publish(stack, "submission", notice)

    eventually(lambda: str(notice.notice_id) in ids(office, "cochair1"), "the notice did not come")
    assert str(notice.notice_id) in ids(office, "cochair2")
    assert str(notice.notice_id) not in ids(office, "office1")
