"""What the loader refuses, with line and sentence; what it keeps exact."""

from decimal import Decimal

import pytest

from shared.infra.rulebooks import SHIPPED, UnknownRulebookVersion, by_digest
from shared.rulebook import STAGE_SERVICE, Category, Rulebook, RulebookRefused, StageKind, TrimmedMean, load_rulebook
from shared.rulebook.strict_yaml import YamlRefused, read_yaml
from shared.rulebook.telling import tell_category

QINGDAO = (SHIPPED / "qingdao-economic-achievements.yaml").read_text(encoding="utf-8")
GIANT = (SHIPPED / "little-giant-performance.yaml").read_text(encoding="utf-8")


def refused(old: str, new: str, text: str = QINGDAO) -> str:
    assert old in text
    with pytest.raises(RulebookRefused) as caught:
        load_rulebook(text.replace(old, new, 1))
    return str(caught.value)


def test_the_same_text_has_the_same_digest_and_any_change_another() -> None:
    book = load_rulebook(QINGDAO)

    assert book.digest == load_rulebook(QINGDAO + "\n# 注\n").digest
    assert book.digest != load_rulebook(QINGDAO.replace("month: 5", "month: 6", 1)).digest


def test_an_unknown_version_is_refused(books: dict[str, Rulebook]) -> None:
    book = books["little-giant-performance"]

    assert by_digest(book.id, book.digest) is book
    with pytest.raises(UnknownRulebookVersion, match="unknown_rulebook_version"):
        by_digest(book.id, "0" * 64)
    with pytest.raises(UnknownRulebookVersion):
        by_digest("nothing", book.digest)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("subject_kind: event", "subject_kind: event\n    colour: red", "没有这个键"),
        ("- id: rd_results\n", "- id: rd_results\n              colour: red\n", "没有这个键"),
        ('"4%-5%", lower: 4,', '"4%-5%", lower: 3.5,', "重叠"),
        ('"4%-5%", lower: 4,', '"4%-5%", lower: 4.5,', "空档"),
        ("article: 第二十二条", "article: 第二十九条", "不在条款表中"),
        ("month: 5", "month: 13", "数过大"),
        ("kind: percentile", "kind: astrology", "没有这种计分规则"),
        ("unit: working_days", "unit: days", "不是允许的取值"),
        ('tie: "committee, not printed"', "", "同分"),
        ("setting: scoring_term", "setting: no_such_term", "不存在"),
        ("points_note:", "note_of_points:", "没有这个键"),
        ("aggregate: mean", "aggregate: median", "不是允许的取值"),
        ("aggregate: mean", "aggregate: {highest: 1, lowest: 1, min_sheets: 2}", "没有剩下的评分表"),
        ("aggregate: mean", "aggregate: {highest: 0, lowest: 0, min_sheets: 5}", "应写 aggregate: mean"),
        ("aggregate: mean", "aggregate: {highest: 1, lowest: 1, min_sheets: 50}", "超过专家组人数"),
        ("aggregate: mean", "aggregate: {highest: 1, lowest: 1}", "缺少"),
        ("fact: patents_granted_this_year", "fact: patents_of_the_neighbour", "不在表中"),
    ],
)
def test_a_broken_rulebook_is_refused_with_line_and_reason(old: str, new: str, sentence: str) -> None:
    message = refused(old, new)

    assert sentence in message
    assert message.startswith("第")
    assert "第0行" not in message


def test_a_rulebook_may_leave_the_highest_and_lowest_sheets_out_of_the_mean() -> None:
    plain_mean, text = load_rulebook(QINGDAO), "aggregate: {highest: 1, lowest: 1, min_sheets: 5}"
    trimmed = load_rulebook(QINGDAO.replace("aggregate: mean", text, 1))
    changed = [category for category in trimmed.categories if category.trimmed is not None]

    assert not any(category.trimmed for category in plain_mean.categories)
    assert [category.trimmed for category in changed] == [TrimmedMean(highest=1, lowest=1, min_sheets=5)]
    assert trimmed.digest != plain_mean.digest
    assert any("去掉1个最高分、1个最低分" in line for line in tell_category(changed[0]))


def test_points_that_do_not_add_up_need_a_stated_reason() -> None:
    start = QINGDAO.index("          points_note:")
    end = QINGDAO.index("\n", start)

    with pytest.raises(RulebookRefused, match="各项相加为20，印定25"):
        load_rulebook(QINGDAO[:start] + QINGDAO[end + 1 :])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "文件为空"),
        ("# only a remark\n", "文件为空"),
        ("a: 1\na: 2\n", "键“a”重复"),
        ("a: &x [1]\nb: *x\n", "锚点"),
        ("a: !!python/object/apply:os.system [ls]\n", "标签"),
        ("<<: {a: 1}\n", "合并键"),
        ("a: [" * 60 + "]" * 60, "嵌套过深"),
        ("a: 1e999\n", "不是通常写法的数"),
        ("a: .nan\n", "不是通常写法的数"),
        ("a: NaN\n", "不是通常写法的数"),
        ("a: 5%\n", "不是通常写法的数"),
        ("a: ２\n", "不是通常写法的数"),
        (f"a: {'9' * 50}\n", "数字过长"),
        ("a: [1\n", "YAML 写法有误"),
        ("a: 1\n---\nb: 2\n", "YAML 写法有误"),
        ("a: \x00\n", "不允许的字符"),
    ],
)
def test_yaml_outside_the_narrow_language_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(YamlRefused, match=sentence):
        read_yaml(text)


def test_scalars_are_exact_and_words_stay_words() -> None:
    parsed = read_yaml('\ufeffa: 0.10\nb: 5\nc: no\nd: 2025-03-16\ne: "12"\nf: true\ng: 2号\n')

    assert parsed.value == {
        "a": Decimal("0.10"),
        "b": 5,
        "c": "no",
        "d": "2025-03-16",
        "e": "12",
        "f": True,
        "g": "2号",
    }


def test_every_stage_kind_has_its_service_and_every_category_its_stages(books: dict[str, Rulebook]) -> None:
    assert set(STAGE_SERVICE) == set(StageKind)
    panel = [
        "call",
        "application_window",
        "screening",
        "panel_review",
        "decision",
        "consultation",
        "publicity",
        "release",
    ]
    stages = {
        category.key: [stage.kind.value for stage in category.stages]
        for book in books.values()
        for category in book.categories
    }
    assert stages == {
        "economic_event": [
            "nomination",
            "public_vote",
            "event_ordering",
            "decision",
            "consultation",
            "publicity",
            "release",
        ],
        "economic_figure": panel,
        "rising_figure": panel,
        "model_enterprise": panel,
        "new_quality_pioneer": panel,
        "trade_pioneer": ["intake", "evaluation", "decision", "consultation", "publicity", "release"],
        "development_case": panel,
        "little_giant": ["application_window", "screening", "evaluation", "decision", "release"],
        "service_system": ["intake", "evaluation", "decision", "release"],
        "service_platform": ["intake", "decision", "release"],
    }


def test_readings_of_the_open_text_ship_unconfirmed(books: dict[str, Rulebook]) -> None:
    for book in books.values():
        assert book.unconfirmed() == book.settings


def test_what_the_office_decides_of_a_case_is_declared_or_whether_to_recommend(books: dict[str, Rulebook]) -> None:
    giant, qingdao = books["little-giant-performance"], books["qingdao-economic-achievements"]

    def outcomes(category: Category) -> list[tuple[str, bool, bool]]:
        return [(one.label, one.favourable, one.reason_required) for one in category.case_outcomes.values()]

    assert outcomes(giant.category("little_giant")) == [("推荐", True, False), ("不推荐", False, True)]
    assert outcomes(giant.category("service_platform")) == [
        ("审核通过", True, False),
        ("须整改", False, True),
        ("须退回资金", False, True),
    ]
    assert outcomes(qingdao.category("trade_pioneer")) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("label: 审核通过, favourable: true", "label: 审核通过", "结论中须有一项是通过的"),
        ("id: refund_required, label", "id: approved, label", "结论“approved”重复"),
        ("decides: recommendation\n", "decides: shortlist\n", "逐案"),
        (
            "target: demo_platforms_target, ",
            "target: demo_platforms_target, option: both_nothing, ",
            "同时写或同时不写",
        ),
    ],
)
def test_outcomes_and_readings_that_make_no_sense_are_refused(old: str, new: str, sentence: str) -> None:
    assert sentence in refused(old, new, GIANT)


def test_a_quota_is_not_filled_without_scores_or_order() -> None:
    platforms = GIANT.index("  - key: service_platform")
    changed = GIANT[platforms:].replace("decides: recommendation", "decides: shortlist")

    with pytest.raises(RulebookRefused, match="阶段 decision 走不到：之前没有"):
        load_rulebook(GIANT[:platforms] + changed)
