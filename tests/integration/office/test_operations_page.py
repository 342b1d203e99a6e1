"""运行: what is shown and mended, also when a part of the stack does not answer."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from uuid import uuid4

import psutil
import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from deploy.stack import Stack
from shared.contracts.facts import Envelope, NoticeDue, subject_of
from shared.infra.clocks import SystemClock, new_id
from shared.kernel.canonical import plain
from tests.integration.office.desk import Desk, desk
from tests.integration.office.neighbours import Office
from tests.integration.office.test_cycles import GIANT, state_is
from tests.integration.servers import eventually


@pytest.fixture
def operator(office: Office) -> Iterator[Desk]:
    with desk(office, "operator1") as found:
        yield found


@contextmanager
def silent(stack: Stack, part: str) -> Iterator[None]:
    """A part of the stack that accepts connections and answers nothing."""
    pid = next(row.pid for row in stack.status() if row.part == part)
    assert pid is not None
    whole = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in whole:
        process.suspend()
    try:
        yield
    finally:
        for process in whole:
            process.resume()


def in_temporal(stack: Stack, workflow: str, *, terminate: bool = False) -> WorkflowExecutionStatus | None:
    """How Temporal says that a workflow stands; first ended there, where asked."""

    async def ask() -> WorkflowExecutionStatus | None:
        settings = stack.settings_for("office")
        client = await Client.connect(settings["FANGBANG_TEMPORAL_ADDRESS"])
        handle = client.get_workflow_handle(workflow)
        if terminate:
            await handle.terminate("演练")
        with suppress(RPCError):
            return (await handle.describe()).status
        return None

    with ThreadPoolExecutor(1) as beside:  # a test may have a loop of its own running
        return beside.submit(lambda: asyncio.run(ask())).result()


def set_aside(office: Office) -> tuple[str, str]:
    """A notice that office could not take in; returns the letter's id and the notice's."""
    notice = NoticeDue(
        source="submission",
        notice_id=uuid4(),
        recipient_kind="role",
        recipient_role="supervisor",
        template="scoring_open",
        link="/expert",
    )
    envelope = Envelope(id=new_id(), subject=subject_of(notice), occurred_at=SystemClock().now(), fact=plain(notice))
    letter = uuid4()
    office.change(
        "INSERT INTO infra.dead_letter (id, consumer, subject, payload, error, deliveries, set_aside_at)"
        " VALUES ($1, 'office-notices', $2, $3, 'OSError(演练)', 8, now())",
        letter,
        envelope.subject,
        envelope.model_dump_json().encode(),
    )
    return str(letter), str(notice.notice_id)


def test_services_that_do_not_answer_and_workflows_by_state_are_shown(office: Office, operator: Desk) -> None:
    cycle = office.open_cycle("运行", GIANT, "little_giant")
    eventually(state_is(office, cycle, "application_window", "started"), "nothing was started")

    page = operator.get("/office/operations")

    assert page.status_code == 200
    assert "没有应答的服务：申报与初审、专家审查、排序与决定、公示与发布。" in page.text
    assert "<dt>在办</dt>" in page.text
    assert 'PostgreSQL</dt><dd><span class="badge good">正常' in page.text
    assert "/api/office/operations/metrics" in page.text
    assert "fangbang" in operator.get("/api/office/operations/metrics").text


def test_a_message_set_aside_is_taken_in_again_once(office: Office, operator: Desk) -> None:
    letter, notice = set_aside(office)

    shown = operator.get("/office/operations").text
    done = operator.send("/office/operations/dead-letters", service="office", letter_id=letter)
    again = operator.send("/office/operations/dead-letters", service="office", letter_id=letter)

    assert letter in shown
    assert "OSError(演练)" in shown
    assert (done.status_code, letter in done.text) == (200, False)
    assert again.status_code == 200
    inbox = [one["notice_id"] for one in office.get("supervisor1", "/api/office/notices").json()]
    assert inbox.count(notice) == 1


def test_a_workflow_is_asked_to_look_again_and_one_that_is_over_is_not_there(office: Office, operator: Desk) -> None:
    cycle = office.open_cycle("再试", GIANT, "little_giant")

    asked = operator.send("/office/operations/retries", service="office", workflow_id=f"cycle/{cycle['cycle_id']}")
    gone = operator.send("/office/operations/retries", service="office", workflow_id=f"cycle/{uuid4()}")
    rows = office.get("auditor1", "/api/office/audit", params={"after": 0}).json()

    assert (asked.status_code, gone.status_code) == (200, 409)
    assert "没有这个在办流程" in gone.text
    assert rows


def test_a_workflow_that_ended_badly_is_started_again_from_the_page(
    stack: Stack, office: Office, operator: Desk
) -> None:
    cycle = office.open_cycle("重新开始", GIANT, "little_giant")
    workflow = f"cycle/{cycle['cycle_id']}"
    eventually(lambda: in_temporal(stack, workflow) == WorkflowExecutionStatus.RUNNING, "the cycle does not run")
    in_temporal(stack, workflow, terminate=True)
    row = re.compile(rf'<th scope="row">{workflow}</th>.*?已终止.*?立即再试')
    eventually(lambda: row.search(operator.get("/office/operations").text) is not None, "the page does not show it")

    operator.send("/office/operations/retries", service="office", workflow_id=workflow)

    eventually(lambda: in_temporal(stack, workflow) == WorkflowExecutionStatus.RUNNING, "it was not started again")
    rows = office.get("auditor1", "/api/office/audit", params={"action": "operations.retried"}).json()
    assert workflow in [each["details"]["workflow"] for each in rows]


def test_nobody_waits_for_ever_for_a_database_that_gives_no_answer(stack: Stack, operator: Desk) -> None:
    renew = "/account/renew?next=/office/operations"
    with silent(stack, "postgres"):
        page = operator.get(renew)

    assert (page.status_code, "数据库没有应答，暂时不能核对您的登录" in page.text) == (503, True)
    eventually(lambda: operator.get(renew).status_code == 200, "it did not come back")


def test_the_office_sees_operations_and_mends_nothing(office: Office) -> None:
    letter, _notice = set_aside(office)
    with desk(office, "office1") as clerk:
        page = clerk.get("/office/operations")
        refused = clerk.send("/office/operations/dead-letters", service="office", letter_id=letter)

    assert (page.status_code, "再收入</button>" in page.text, refused.status_code) == (200, False, 403)


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("temporal", "Temporal 没有应答"),
        ("nats", 'NATS</dt><dd><span class="badge bad">连不上'),
        ("s3", '文件（S3）</dt><dd><span class="badge bad">连不上'),
        ("postgres", "办公室自己的数据库没有应答"),
    ],
)
def test_the_page_opens_while_a_part_is_silent_and_says_which(
    stack: Stack, operator: Desk, part: str, sentence: str
) -> None:
    with silent(stack, part):
        page = operator.get("/office/operations")

    assert (page.status_code, sentence in page.text) == (200, True), page.text
    assert part == "postgres" or "数据库无应答" not in page.text
    assert "下面各项不含没有应答的服务：" in page.text
    eventually(lambda: sentence not in operator.get("/office/operations").text, f"{part} did not come back")
