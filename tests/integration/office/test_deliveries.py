"""The outbox of letters before a real mail server: sent, delayed, refused, held, killed, sent again."""

from typing import Any
from uuid import uuid4

import pytest

from deploy.stack import Stack
from services.office.notices.actions import issue_notice
from services.office.notices.delivering import Outbox
from services.office.notices.domain import Channel
from shared.contracts.facts import NoticeDue
from shared.infra.database import Database
from shared.infra.mail import Bounced, Letter
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import derived_id
from tests.integration.mail_room import MailRoom
from tests.integration.office.desk import desk
from tests.integration.office.neighbours import Office, publish
from tests.integration.servers import ServiceProcess, eventually


class Firm:
    """An enterprise with one person who has a mail address."""

    def __init__(self, office: Office, stack: Stack) -> None:
        self.office, self.stack = office, stack
        code = make_credit_code(f"91370202MA3{uuid4().int % 10**6:06d}")
        self.enterprise = derived_id("enterprise", code)
        self.address = f"firm-{uuid4().hex[:8]}@example.com"
        self.member = office.member("enterprise", enterprises=[code], email=self.address, display_name="演练张三")

    def told(self) -> str:
        """A notice to this enterprise; returns its id."""
        notice = NoticeDue(
            source="submission",
            notice_id=uuid4(),
            recipient_kind="enterprise",
            recipient_id=self.enterprise,
            template="rectification_asked",
            case_number="XZ-0001",
            stage_title="材料初审",
            until="2026-03-20T16:00:00Z",
            link="/portal/cases/1",
        )
        publish(self.stack, "submission", notice)
        return str(notice.notice_id)

    def letter(self, notice_id: str) -> dict[str, Any]:
        """The letter about a notice as the outbox shows it; empty before it is there."""
        outbox = self.office.get("office1", "/api/office/deliveries").raise_for_status().json()
        return next((one for one in outbox["deliveries"] if one["notice_id"] == notice_id), {})

    def comes_to(self, notice_id: str, state: str) -> dict[str, Any]:
        """The letter once it stands so."""
        eventually(lambda: self.letter(notice_id).get("state") == state, f"the letter is not {state}")
        return self.letter(notice_id)

    def act(self, letter: dict[str, Any], what: str) -> Any:
        """Hold, release or resend it."""
        return self.office.post("office1", f"/api/office/deliveries/{letter['delivery_id']}/{what}")


@pytest.fixture
def firm(office: Office, stack: Stack) -> Firm:
    return Firm(office, stack)


def test_a_notice_is_mailed_with_number_case_stage_term_and_link_and_nothing_personal(
    firm: Firm, mail: MailRoom
) -> None:
    letter = firm.comes_to(firm.told(), "sent")

    (received,) = mail.letters(firm.address)
    text = received.get_content()
    assert received["Subject"] == f"【演练】{letter['number']}：请在期限内整改"
    assert ("案号：XZ-0001" in text, "阶段：材料初审" in text, "截止：2026年3月20日（周五）24:00" in text) == (
        True,
    ) * 3
    assert "/portal/cases/1" in text
    assert ("张三" in text, firm.member["login"] in text, firm.address in text) == (False,) * 3
    assert (letter["word"], letter["answer"], letter["attempts"]) == ("已发", "250 OK queued", 1)
    assert letter["address"] == "f***@example.com"


def test_a_greylisted_letter_is_tried_again_and_arrives_once(firm: Firm, mail: MailRoom) -> None:
    mail.to[firm.address] = ["450 4.2.0 greylisted", "451 4.7.1 try again"]

    letter = firm.comes_to(firm.told(), "sent")

    assert (letter["attempts"], len(mail.letters(firm.address))) == (3, 1)


def test_a_refused_letter_shows_its_reason_and_goes_out_under_the_same_id_when_sent_again(
    firm: Firm, mail: MailRoom
) -> None:
    mail.to[firm.address] = [f"550 5.1.1 <{firm.address}> no such user"]

    failed = firm.comes_to(firm.told(), "failed")
    firm.act(failed, "resend").raise_for_status()
    sent = firm.comes_to(failed["notice_id"], "sent")

    assert (failed["word"], failed["reason"]) == ("失败", "对方拒收：550 5.1.1 <收件人> no such user")
    assert sent["delivery_id"] == failed["delivery_id"]
    assert mail.letters(firm.address)[0]["Message-ID"] == f"<{failed['delivery_id']}@fangbang.example>"


def test_a_letter_that_came_back_is_marked_and_goes_out_to_another_address(
    firm: Firm, office: Office, mail: MailRoom
) -> None:
    letter = firm.comes_to(firm.told(), "sent")
    with desk(office, "office1") as clerk:
        path, elsewhere = f"/office/deliveries/{letter['delivery_id']}", f"new-{uuid4().hex[:8]}@example.com"
        bare = clerk.send(path, wish="bounce", reason=" ")
        bounced = clerk.send(path, wish="bounce", reason="550 查无此人")
        twice = clerk.send(path, wish="bounce", reason="550 查无此人")
        wrong = clerk.send(path, wish="resend", address="not an address")
        shown = firm.letter(letter["notice_id"])
        clerk.send(path, wish="resend", address=elsewhere)

    again = firm.comes_to(letter["notice_id"], "sent")
    assert (bare.status_code, "请写明退信的原因" in bare.text) == (422, True)
    assert (bounced.status_code, "550 查无此人" in bounced.text) == (200, True)
    assert (twice.status_code, wrong.status_code) == (409, 422)
    assert (shown["state"], shown["word"], shown["reason"]) == ("bounced", "退信", "550 查无此人")
    assert (len(mail.letters(firm.address)), len(mail.letters(elsewhere))) == (1, 1)
    assert again["address"] == f"n***@{elsewhere.partition('@')[2]}"


def test_silence_after_the_text_is_uncertain_and_only_a_person_sends_again(firm: Firm, mail: MailRoom) -> None:
    mail.text[firm.address] = ["silence"]

    uncertain = firm.comes_to(firm.told(), "uncertain")
    firm.act(uncertain, "resend").raise_for_status()
    firm.comes_to(uncertain["notice_id"], "sent")

    assert uncertain["word"] == "结果不明"
    assert len(mail.letters(firm.address)) == 2
    assert len({one["Message-ID"] for one in mail.letters(firm.address)}) == 1


def test_a_held_outbox_sends_nothing_and_a_held_letter_stays_when_the_others_go(
    firm: Firm, office: Office, mail: MailRoom
) -> None:
    office.post("office1", "/api/office/deliveries/hold", {"reason": "核对模板"}).raise_for_status()
    kept, let_go = firm.told(), firm.told()
    eventually(lambda: bool(firm.letter(kept) and firm.letter(let_go)), "the letters are not there")
    firm.act(firm.letter(kept), "hold").raise_for_status()
    before = len(mail.letters(firm.address))
    twice = office.post("office1", "/api/office/deliveries/hold", {"reason": "核对模板"})

    office.post("office1", "/api/office/deliveries/release").raise_for_status()
    gone = firm.comes_to(let_go, "sent")
    held = firm.letter(kept)
    late = firm.act(gone, "hold")
    firm.act(held, "release").raise_for_status()
    firm.comes_to(kept, "sent")

    assert (before, twice.status_code, twice.json()["code"]) == (0, 409, "outbox_held")
    assert (held["state"], held["held"], held["word"]) == ("waiting", True, "已暂停")
    assert (late.status_code, late.json()["code"]) == (409, "delivery_gone")


def test_a_kill_between_the_servers_answer_and_the_row_never_sends_twice(
    firm: Firm, office: Office, mail: MailRoom, process: ServiceProcess, orders: Any
) -> None:
    (orders / "office.letter.sent").touch()
    notice = firm.told()
    assert process.process is not None
    process.process.wait(60)
    process.start()

    uncertain = firm.comes_to(notice, "uncertain")

    assert uncertain["reason"] == "正文交出后程序中断，不知是否发出"
    assert len(mail.letters(firm.address)) == 1
    firm.act(uncertain, "resend").raise_for_status()
    firm.comes_to(notice, "sent")
    assert len({one["Message-ID"] for one in mail.letters(firm.address)}) == 1


def test_the_outbox_is_the_offices_alone_to_release(firm: Firm, office: Office) -> None:
    letter = firm.comes_to(firm.told(), "sent")
    path = f"/api/office/deliveries/{letter['delivery_id']}/resend"
    office.sign_in_as(firm.member["login"], firm.member["password"])

    told = [office.get(firm.member["login"], "/api/office/deliveries"), office.post("auditor1", path)]

    assert [(one.status_code, one.json()["code"]) for one in told] == [(403, "not_allowed")] * 2
    assert office.get("auditor1", "/api/office/deliveries").status_code == 200


class RememberedMessages:
    """A carrier of short messages that keeps what it is given and refuses some numbers."""

    def __init__(self, refused: set[str]) -> None:
        self.refused, self.sent = refused, list[Letter]()

    def begin(self, letter: Letter) -> "RememberedMessage":
        if letter.to in self.refused:
            raise Bounced("号码不存在")
        return RememberedMessage(self, letter)


class RememberedMessage:
    """One of them, not yet sent."""

    def __init__(self, carrier: RememberedMessages, letter: Letter) -> None:
        self.carrier, self.letter = carrier, letter

    def finish(self) -> str:
        self.carrier.sent.append(self.letter)
        return "ok"

    def drop(self) -> None:
        """Nothing was sent."""


async def test_short_messages_go_through_whatever_fills_the_port(office: Office, process: ServiceProcess) -> None:
    code = make_credit_code(f"91370202MA3{uuid4().int % 10**6:06d}")
    numbers = ["13800000001", "13800000002"]
    for number in numbers:
        office.member("enterprise", enterprises=[code], mobile=number)
    settings = process.settings()
    database, carrier = Database(settings.database_url, "office", pool=2), RememberedMessages({numbers[1]})
    notice = NoticeDue(
        source="submission",
        notice_id=uuid4(),
        recipient_kind="enterprise",
        recipient_id=derived_id("enterprise", code),
        template="case_passed",
        case_number="XZ-0002",
        link="/portal/cases/2",
    )

    async with database.transaction() as tx:
        await issue_notice(tx, notice, (Channel.SMS,))
    outbox = Outbox(database, settings, Channel.SMS, carrier)
    while await outbox.send_next():
        continue
    await database.close()

    states = {
        one["address"]: (one["state"], one["reason"])
        for one in office.get("office1", "/api/office/deliveries").json()["deliveries"]
        if one["notice_id"] == str(notice.notice_id)
    }
    assert [(one.to, "XZ-0002" in one.text) for one in carrier.sent] == [(numbers[0], True)]
    assert states == {"138****0001": ("sent", None), "138****0002": ("failed", "号码不存在")}
