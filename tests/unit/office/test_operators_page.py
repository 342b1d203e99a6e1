"""运行 in words: the newest backup, and which timer comes first."""

from datetime import UTC, datetime, timedelta

import pytest

from services.office.console.operations import WORKFLOWS, named, stage_named
from services.office.console.pages.operations import backup_told, timers
from shared.contracts.stubs import STAGE_WORKFLOWS
from shared.infra.backups import BackupMade, LastBackup
from shared.web.formats import time_apart
from shared.web.operations import DueWork, Work

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOURS = 26


def last(age: timedelta, damaged: int = 0) -> LastBackup:
    made = BackupMade(
        name="20261122T000000Z", digest="0" * 64, octets=3_500_000, files=7, damaged=damaged, system_user="fangbang"
    )
    return LastBackup(made_at=NOW - age, made=made)


@pytest.mark.parametrize(
    ("newest", "word", "asked"),
    [
        (LastBackup(), "还没有备份", True),
        (last(timedelta(hours=26)), "已逐字节核对", False),
        (last(timedelta(hours=26, seconds=1)), "已超过 26 小时没有新备份", True),
        (last(timedelta(hours=1), damaged=2), "2 个文件在备份之前已损坏", False),
    ],
)
def test_an_old_or_damaged_backup_is_said_so(newest: LastBackup, word: str, asked: bool) -> None:
    told = backup_told(newest, NOW, HOURS)

    assert (told["badge"].text, told["ask"]) == (word, asked)


def work(*due: tuple[str, timedelta]) -> Work:
    return Work(
        now=NOW,
        unsent={},
        oldest_unsent_seconds=None,
        last_error=None,
        stuck=[],
        due=[DueWork(workflow_id=name, workflow="Screening", due_at=NOW + apart) for name, apart in due],
        set_aside=[],
    )


def test_the_earliest_timer_of_all_services_stands_first() -> None:
    found = timers(
        [
            ("review", work(("c", timedelta(days=3)), ("d", timedelta(days=9)))),
            ("submission", work(("a", timedelta(hours=-2)), ("b", timedelta(minutes=5)))),
        ]
    )

    assert [(line[2].workflow_id, line[3], line[4]) for line in found] == [
        ("a", "已过 2 小时", True),
        ("b", "还有 5 分钟", False),
        ("c", "还有 3 天", False),
        ("d", "还有 9 天", False),
    ]


@pytest.mark.parametrize(
    ("seconds", "word"),
    [
        (0, "已过不到 1 分钟"),
        (1, "还有不到 1 分钟"),
        (60, "还有 1 分钟"),
        (3599, "还有 59 分钟"),
        (-86_400, "已过 1 天"),
        (86_399, "还有 23 小时"),
    ],
)
def test_how_far_off_is_said_in_whole_units(seconds: int, word: str) -> None:
    assert time_apart(NOW + timedelta(seconds=seconds), NOW) == word


def test_every_stage_has_its_word() -> None:
    assert {workflow for _service, workflow in STAGE_WORKFLOWS.values()} <= set(WORKFLOWS)
    assert (stage_named("screening"), named("Later"), stage_named("later")) == ("材料初审", "Later", "later")
