"""规则: rulebooks in force, in words; what another version would change is said and nothing is kept."""

from collections.abc import Iterator

import pytest

from shared.infra.rulebooks import SHIPPED
from tests.integration.office.desk import Desk, desk
from tests.integration.office.neighbours import Office

QINGDAO = "qingdao-economic-achievements"
PATH = f"/office/rules/{QINGDAO}"


@pytest.fixture
def clerk(office: Office) -> Iterator[Desk]:
    with desk(office, "office1") as found:
        yield found


def test_a_rulebook_is_read_in_words_with_the_years_that_run_by_it(office: Office, clerk: Desk) -> None:
    office.open_cycle("规则所据", QINGDAO, "new_quality_pioneer")

    listed, told = clerk.get("/office/rules").text, clerk.get(PATH).text

    assert "规则所据" in listed
    assert f'href="{PATH}"' in listed
    assert [words in told for words in ("满分 100 分", "申报书预览", "条文未印明之处的理解", "第十四条")] == [True] * 4
    assert clerk.get("/office/rules/unknown").status_code == 404


def test_another_version_is_compared_and_a_file_that_is_no_rulebook_is_answered_with_its_faults(clerk: Desk) -> None:
    text = (SHIPPED / f"{QINGDAO}.yaml").read_text(encoding="utf-8")
    title = "青岛年度经济成就宣传发布活动实施办法"

    same, other, broken, garbled = (
        clerk.send(f"{PATH}/comparison", files={"file": ("other.yaml", content)})
        for content in (
            text.encode(),
            text.replace(f"title: {title}", "title: 青岛年度经济成就发布活动实施办法", 1).encode(),
            b"id: x\ntitle: [",
            b"\xff\xfe",
        )
    )

    assert (same.status_code, "两者内容相同" in same.text) == (200, True)
    assert (other.status_code, "青岛年度经济成就发布活动实施办法" in other.text) == (200, True)
    assert (broken.status_code, "文件的错误" in broken.text) == (422, True)
    assert (garbled.status_code, "不是 UTF-8 编码" in garbled.text) == (422, True)
