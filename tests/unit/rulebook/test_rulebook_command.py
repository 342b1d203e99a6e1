"""`fangbang rulebook`: what is refused and in which words, what is shown, what is said to have changed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from deploy.cli import app
from shared.infra.rulebooks import SHIPPED
from shared.rulebook import RulebookProblem, RulebookRefused, load_rulebook
from shared.rulebook.base import Frozen
from shared.rulebook.differences import Part, differences, touched
from shared.rulebook.field_words import FIELD_WORDS
from shared.rulebook.schema import rulebook_schema
from shared.rulebook.strict_yaml import read_yaml

QINGDAO, GIANT = "qingdao-economic-achievements", "little-giant-performance"
TEXTS = {name: (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8") for name in (QINGDAO, GIANT)}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rulebook", *arguments])


def changed(old: str, new: str, name: str = QINGDAO) -> str:
    assert old in TEXTS[name]
    return TEXTS[name].replace(old, new, 1)


def without_line(start: str) -> str:
    """The rulebook without the first line that holds this text."""
    return re.sub(rf"^.*{re.escape(start)}.*\n", "", TEXTS[QINGDAO], count=1, flags=re.MULTILINE)


BROKEN = {
    "an unknown key": (
        changed("subject_kind: event", "subject_kind: event\n    colour: red"),
        "categories[economic_event].colour：没有这个键。",
    ),
    "points that do not add up": (
        without_line("points_note:"),
        "各项相加为20，印定25；不符须写明原因（points_note）。",
    ),
    "groups that do not add up": (
        changed("name: 政治与品格\n          points: 20", "name: 政治与品格\n          points: 25"),
        "各组分值之和不等于总分100。",
    ),
    "overlapping bands": (changed('"4%-5%", lower: 4,', '"4%-5%", lower: 3.5,'), "分档重叠：“3%-4%”与“4%-5%”"),
    "an edge in two bands": (
        changed(
            "lower: 4, lower_inclusive: true, upper: 5, upper_inclusive: false",
            "lower: 4, lower_inclusive: true, upper: 5, upper_inclusive: true",
        ),
        "分档重叠：5 同属“4%-5%”与“5%及以上”",
    ),
    "gapped bands": (changed('"4%-5%", lower: 4,', '"4%-5%", lower: 4.5,'), "分档之间有空档：“3%-4%”与“4%-5%”"),
    "no band for full points": (
        changed("upper_inclusive: false, score: 10}", "upper_inclusive: false, score: 9}"),
        "没有一档可得满分10",
    ),
    "an article not in the table": (
        changed("article: 第二十二条", "article: 第二十九条"),
        "引用的条款“第二十九条”不在条款表中。",
    ),
    "a missing article": (
        changed("{kind: release, title: 对外发布, article: 第二十三条,", "{kind: release, title: 对外发布,"),
        "没有写明依据的条款（article）。",
    ),
    "a dead end": (
        without_line("{kind: release, title: 对外发布"),
        "最后一个阶段须为发布（release），否则此路不通。",
    ),
    "an unreachable stage": (
        without_line("{kind: decision, title: 研究决定, article: 第十条"),
        "阶段 consultation 走不到：之前没有 decision，无案可办。",
    ),
    "a fact that is not on the form": (
        changed("fact: patents_granted_this_year", "fact: patents_of_the_neighbour"),
        "用到的事实“patents_of_the_neighbour”不在表中。",
    ),
    "a condition that can never hold": (
        changed("test: equals, value: city_first_or_above", "test: equals, value: world_first"),
        "“所获成果奖级别”不会是“world_first”。",
    ),
    "a quota without tie-break": (
        without_line('tie: "committee, not printed"'),
        "有名额须写明同分时如何排序，或写 tie: committee, not printed。",
    ),
    "a term without unit": (changed("{length: 10, unit: working_days,", "{length: 10,"), "没有写明单位（unit）。"),
    "a term below its lawful minimum": (
        changed(
            'length: 5, unit: working_days, start: next_day, end: "24:00", minimum: 5',
            'length: 4, unit: working_days, start: next_day, end: "24:00", minimum: 5',
        ),
        "期限4个工作日短于规定的下限5。",
    ),
    "an unknown setting": (
        changed("setting: scoring_term", "setting: no_such_term"),
        "引用的设定“no_such_term”不存在。",
    ),
    "an unknown variant": (changed("required_for: [manufacturing]", "required_for: [farming]"), "没有类型“farming”。"),
    "an unknown reading": (
        changed("half_marks_when: half_marks", "half_marks_when: full_marks", GIANT),
        "依据的读法“both_nothing: full_marks”不存在。",
    ),
    "shares beyond the quota": (
        changed("{variant: manufacturing, count: 5}", "{variant: manufacturing, count: 6}"),
        "分配之和不等于名额。",
    ),
    "a fact beside no item": (changed("used_by: [rd_share]", "used_by: [rd_shame]"), "没有计分项“rd_shame”。"),
    "two categories whose numbers begin alike": (
        changed("key: rising_figure", "key: economic_forum"),
        "“economic_figure”与“economic_forum”的案号都以 EF 开头，无法区分，须换一个标识。",
    ),
    "a repeated key": (changed("issuer:", "id: twice\nissuer:"), "键“id”重复。"),
    "a bomb of aliases": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "不接受别名（*）和锚点（&）。"),
    "a cyclic reference": ("a: &a\n  b: *a\n", "不接受别名（*）和锚点（&）。"),
    "an empty file": ("", "文件为空。"),
    "only a byte order mark": ("\ufeff", "文件为空。"),
    "not a number": (changed("total: 100", "total: .nan"), "“.nan”不是通常写法的数"),
    "a huge exponent": (changed("total: 100", "total: 1e999"), "“1e999”不是通常写法的数"),
    "full-width digits": (changed("total: 100", "total: １００"), "不是通常写法的数"),
    "a percent sign in a number": (changed("total: 100", "total: 100%"), "“100%”不是通常写法的数"),
    "a negative count": (changed("full_at: 6", "full_at: -6"), "数过小。"),
    "nesting without end": ("a: " + "[" * 100_000, "嵌套过深"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_check_refuses_with_file_line_and_reason(tmp_path: Path, fault: str) -> None:
    text, sentence = BROKEN[fault]
    file = tmp_path / "broken.yaml"
    file.write_text(text, encoding="utf-8")

    result = run("check", str(file))

    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    first, *_, last = result.stderr.splitlines()
    assert re.match(rf"{re.escape(str(file))}:\d+: \S+：", first)
    assert last.startswith("未通过：")


def test_the_line_named_is_the_line_at_fault(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(changed('"4%-5%", lower: 4,', '"4%-5%", lower: 3.5,'), encoding="utf-8")
    lines = TEXTS[QINGDAO].splitlines()

    named = int(run("check", str(file)).stderr.split(":")[1])

    rule = next(number for number, line in enumerate(lines, 1) if "id: rd_share" in line)
    assert rule < named <= next(number for number, line in enumerate(lines, 1) if "4%-5%" in line)


@pytest.mark.parametrize("content", ["名称".encode("gbk"), b"id: x\nname: \xff"])
def test_what_is_not_utf_8_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "gbk.yaml"
    file.write_bytes(content)

    result = run("check", str(file))

    assert result.exit_code == 1
    assert "不是 UTF-8 编码（若是 GBK，请另存为 UTF-8）。" in result.stderr


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "无法读取" in run("check", str(tmp_path / "none.yaml")).stderr


@pytest.mark.parametrize("name", TEXTS)
def test_the_shipped_rulebooks_pass_also_behind_a_byte_order_mark(tmp_path: Path, name: str) -> None:
    file = tmp_path / "marked.yaml"
    file.write_text("\ufeff" + TEXTS[name], encoding="utf-8")

    result = run("check", str(file))

    assert (result.exit_code, result.stderr) == (0, "")
    assert load_rulebook(TEXTS[name]).digest in result.stdout


def problems(text: str) -> tuple[RulebookProblem, ...]:
    try:
        load_rulebook(text)
    except RulebookRefused as refused:
        return refused.problems
    return ()


JUNK = ("", " null", " -1", " 1e9", " [", " {}", " [[]]", " 案", " '", " true", " 99999999999999999", "\n  x: 1", " *a")


@settings(max_examples=60, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_a_damaged_rulebook_is_read_or_refused_and_never_a_fault_of_ours(random: Random) -> None:
    lines = TEXTS[GIANT].split("\n")
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(lines))
        key, colon, _value = lines[place].partition(":")
        damage = (
            lambda k=key, c=colon: k + c + random.choice(JUNK),
            lambda: "",
            lambda p=place: lines[p] + "\n" + lines[p],
        )
        lines[place] = random.choice(damage)()

    assert all(problem.message and problem.place for problem in problems("\n".join(lines)))


def test_the_list_names_both_rulebooks_with_their_digests() -> None:
    listed = run("list").stdout

    for name, text in TEXTS.items():
        assert name in listed
        assert load_rulebook(text).digest in listed


def test_a_rulebook_is_shown_with_its_readings_and_a_category_with_its_tables() -> None:
    book = run("show", QINGDAO).stdout
    pioneers = run("show", QINGDAO, "--category", "trade_pioneer").stdout

    assert "附件三 服务业创新三项相加20分，印定25分 → 按印定分值，最高95分，不折算" in book
    assert "制造类5家、其他类型5家，同分按本年度进出口总额（海关统计）（第十五条）" in pioneers
    assert "各类分别排名，第1名 90 分，每降1名扣 1 分，扣完为止" in pioneers
    assert "25%以上-50%：3 分" in pioneers
    assert "没有发布项目“none”" in run("show", QINGDAO, "--category", "none").stderr


@pytest.mark.parametrize("name", TEXTS)
def test_every_category_can_be_shown(name: str) -> None:
    for category in load_rulebook(TEXTS[name]).categories:
        assert category.name in run("show", name, "--category", category.key).stdout


@pytest.mark.parametrize(
    ("old", "new", "sentence", "part"),
    [
        (
            "upper_inclusive: false, score: 9}",
            "upper_inclusive: false, score: 8.5}",
            "“年度青岛榜样企业” › 计分表 › “创新与研发能力” › “研发经费占比” › 分档 › “4%-5%” › 得分：由9改为8.5",
            Part.SCORECARD,
        ),
        (
            "tenure_years, test: at_least, value: 3",
            "tenure_years, test: at_least, value: 5",
            "“年度青岛经济人物” › 参评条件 › “任企业主要领导职务满3年” › 条件 › 值：由3改为5",
            Part.FORM,
        ),
        ("length: 20", "length: 15", "“年度青岛经济人物” › 阶段 › “推荐申报” › 期限 › 长度：由20改为15", Part.STAGES),
        (
            "{length: 10, unit: working_days",
            "{length: 10, unit: calendar_days",
            "“年度青岛经济事件” › 阶段 › “媒体提名” › 期限 › 单位：由“工作日”改为“自然日”",
            Part.STAGES,
        ),
        (
            "hint: 须满3年",
            "hint: 满3年",
            "“年度青岛经济人物” › 申报表 › “任企业主要领导职务年限” › 填写说明：由“须满3年”改为“满3年”",
            Part.WORDING,
        ),
        (
            "{kind: fixed, count: 10, unit: 名",
            "{kind: fixed, count: 11, unit: 名",
            "“年度青岛经济人物” › 名额 › 数量：由10改为11",
            Part.RANKING,
        ),
    ],
)
def test_a_change_is_said_in_plain_words_with_what_it_touches(
    tmp_path: Path, old: str, new: str, sentence: str, part: Part
) -> None:
    file = tmp_path / "next.yaml"
    file.write_text(changed(old, new), encoding="utf-8")
    found = differences(load_rulebook(TEXTS[QINGDAO]), load_rulebook(file.read_text(encoding="utf-8")))

    said = run("diff", QINGDAO, str(file), "--data", str(tmp_path / "no-stack")).stdout

    assert [str(one) for one in found] == [sentence]
    assert list(touched(found).values()) == [{part}]
    assert sentence in said
    assert "未结案 未知（没有运行中的系统）" in said


def test_what_came_went_or_moved_is_said() -> None:
    before = load_rulebook(TEXTS[QINGDAO])
    category = before.category("development_case")
    fewer = before.model_copy(update={"categories": before.categories[:-1]})
    moved = before.model_copy(update={"articles": before.articles[::-1]})
    without_fact = before.category("economic_figure")
    shorter = without_fact.model_copy(update={"facts": without_fact.facts[1:]})
    form = before.model_copy(
        update={"categories": tuple(shorter if one.key == shorter.key else one for one in before.categories)}
    )

    assert [str(one) for one in differences(before, fewer)] == [f"删去“{category.name}”"]
    assert [str(one) for one in differences(fewer, before)] == [f"增加“{category.name}”"]
    assert touched(differences(fewer, before)) == {"development_case": frozenset(Part)}
    assert [str(one) for one in differences(before, moved)] == ["条款表：顺序改变"]
    assert touched(differences(before, moved)) == {}
    assert [str(one) for one in differences(before, form)] == ["“年度青岛经济人物” › 申报表：删去“所在单位类型”"]
    assert touched(differences(before, form)) == {"economic_figure": {Part.FORM}}


def test_the_same_rules_have_no_difference(tmp_path: Path) -> None:
    file = tmp_path / "same.yaml"
    file.write_text(TEXTS[QINGDAO] + "\n# 注\n", encoding="utf-8")

    assert run("diff", QINGDAO, str(file)).stdout == "两者内容相同。\n"


def models(base: type[Frozen]) -> Iterator[type[Frozen]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


RULES = ("models", "stages", "conditions", "metrics", "scoring")


def test_every_key_of_the_rules_has_a_word() -> None:
    rules = [
        model for model in models(Frozen) if model.__module__.split(".")[1:3] in [["rulebook", one] for one in RULES]
    ]
    unnamed = {f"{model.__name__}.{name}" for model in rules for name in model.model_fields if name not in FIELD_WORDS}

    assert len(rules) > 50
    assert unnamed == set()


# ------------------------------------------------------------------------------------------------------- schema

TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}


def fits(schema: dict[str, Any], value: Any, parts: dict[str, Any]) -> bool:
    """Whether a value fits a schema, as far as pydantic uses JSON Schema."""
    if "$ref" in schema:
        return fits(parts[schema["$ref"].rpartition("/")[2]], value, parts)
    for word in ("oneOf", "anyOf"):
        if word in schema and not any(fits(one, value, parts) for one in schema[word]):
            return False
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "pattern" in schema and not re.search(schema["pattern"], value if isinstance(value, str) else ""):
        return False
    kind = schema.get("type")
    if kind in ("number", "integer"):
        return not isinstance(value, bool | str | list | dict | None)
    if kind is not None and not isinstance(value, TYPES[kind]):
        return False
    return (
        all(fits(schema.get("items", {}), part, parts) for part in value)
        if kind == "array"
        else members(schema, value, parts)
    )


def members(schema: dict[str, Any], value: Any, parts: dict[str, Any]) -> bool:
    if schema.get("type") != "object" or "properties" not in schema:
        return True
    known = schema["properties"]
    return (
        set(schema.get("required", ())) <= set(value) <= set(known)
        and schema["additionalProperties"] is False
        and all(fits(known[name], part, parts) for name, part in value.items())
    )


@pytest.mark.parametrize("name", TEXTS)
def test_the_schema_fits_the_shipped_rulebooks(name: str) -> None:
    schema = json.loads(run("schema").stdout)

    assert schema == rulebook_schema()
    assert fits(schema, read_yaml(TEXTS[name]).value, schema["$defs"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("subject_kind: event", "subject_kind: event\n    colour: red"),
        ("kind: percentile", "kind: astrology"),
        ("{length: 10, unit: working_days,", "{length: 10,"),
        ("deduct_per_missing: 1", 'deduct_per_missing: "1"'),
    ],
)
def test_the_schema_marks_what_the_loader_refuses(old: str, new: str) -> None:
    schema = rulebook_schema()

    assert not fits(schema, read_yaml(changed(old, new)).value, schema["$defs"])


def test_a_template_is_written_for_a_class_of_a_category(tmp_path: Path) -> None:
    out = tmp_path / "form.xlsx"
    without = run("template", QINGDAO, "model_enterprise", str(out))
    assert (without.exit_code, "manufacturing、services" in without.stderr) == (1, True)

    written = run("template", QINGDAO, "model_enterprise", str(out), "--variant", "services")

    assert written.exit_code == 0
    ids = [row[4].value for row in load_workbook(out).worksheets[0].iter_rows(min_row=4)]
    assert "main_revenue_this_year" in ids
    assert "rd_expense_this_year" not in ids
