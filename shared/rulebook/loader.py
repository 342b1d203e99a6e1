"""From text to a validated rulebook. The file itself is read by ``shared/infra/rulebooks.py``."""

from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.rulebook.checks import find_faults
from shared.rulebook.field_words import IDENTITIES
from shared.rulebook.models import Rulebook
from shared.rulebook.strict_yaml import Parsed, Path, YamlRefused, read_yaml


@dataclass(frozen=True, slots=True)
class RulebookProblem:
    """One thing wrong with a rulebook: line (from 1, 0 unknown), place and a Chinese sentence."""

    line: int
    place: str
    message: str

    def __str__(self) -> str:
        return f"第{self.line}行 {self.place}：{self.message}"


class RulebookRefused(Exception):
    """The text is no valid rulebook; ``problems`` says why, all of them."""

    def __init__(self, problems: list[RulebookProblem]) -> None:
        super().__init__("；".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def load_rulebook(text: str) -> Rulebook:
    """Read and check a rulebook as a whole.

    Raises:
        RulebookRefused: with line, place and reason of every problem found.
    """
    try:
        parsed = read_yaml(text)
    except YamlRefused as error:
        raise RulebookRefused([RulebookProblem(error.line, "文件", error.message)]) from error
    try:
        rulebook = Rulebook.model_validate(parsed.value)
    except ValidationError as error:
        raise RulebookRefused(_shape_problems(parsed, error.errors())) from error
    faults = [_problem(parsed, path, message) for path, message in find_faults(rulebook)]
    if faults:
        raise RulebookRefused(faults)
    return rulebook


_MISSING = {
    "article": "没有写明依据的条款（article）。",
    "attachment": "没有写明依据的附件（attachment）。",
    "minimum": "没有写明规定的下限（minimum）。",
    "points": "没有写明分值（points）。",
    "unit": "没有写明单位（unit）。",
}
_MESSAGES = {
    "extra_forbidden": "没有这个键。",
    "missing": "缺少这一项。",
    "union_tag_invalid": "没有这一种类。",
    "union_tag_not_found": "缺少种类（kind）。",
    "literal_error": "不是允许的取值。",
    "enum": "不是允许的取值。",
    "less_than_equal": "数过大。",
    "greater_than_equal": "数过小。",
    "greater_than": "数过小。",
    "string_too_short": "不能为空。",
    "string_too_long": "文字过长。",
    "too_short": "至少要有一项。",
    "model_type": "应为一组键值。",
    "dict_type": "应为一组键值。",
    "tuple_type": "应为列表。",
    "date_type": "日期应写作 2025-03-16。",
    "date_parsing": "日期应写作 2025-03-16。",
    "date_from_datetime_parsing": "日期应写作 2025-03-16。",
    "string_pattern_mismatch": "只能用小写英文字母、数字和下划线，字母开头。",
    "string_type": "应为文字（数字请加引号）。",
    "int_type": "应为整数。",
    "bool_parsing": "应为 true 或 false。",
    "bool_type": "应为 true 或 false。",
}


def _shape_problems(parsed: Parsed, details: list[ErrorDetails]) -> list[RulebookProblem]:
    """One problem for each innermost fault; that a list is too short without its faulty members is no news."""
    inner = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    return [_shape_problem(parsed, detail) for detail in details if detail["loc"] not in inner]


def _shape_problem(parsed: Parsed, detail: ErrorDetails) -> RulebookProblem:
    path = _data_path(parsed, detail["loc"])
    cause = detail.get("ctx", {}).get("error")
    message = _MESSAGES.get(detail["type"]) or (f"{cause}。" if cause else f"写法不符（{detail['type']}）。")
    if detail["type"] == "missing":
        message = _MISSING.get(str(path[-1]), message)
    return _problem(parsed, path, message)


def _problem(parsed: Parsed, path: Path, message: str) -> RulebookProblem:
    return RulebookProblem(parsed.line_of(path), _place(parsed, path), message)


def _data_path(parsed: Parsed, location: tuple[int | str, ...]) -> Path:
    """The part of pydantic's location that exists in the document (it also names union branches)."""
    path: Path = ()
    here = parsed.value
    for place, step in enumerate(location):
        last = place == len(location) - 1
        if isinstance(here, list) and isinstance(step, int) and step < len(here):
            here, path = here[step], (*path, step)
        elif isinstance(here, dict) and (step in here or last):
            here, path = here.get(step), (*path, step)
    return path


def _place(parsed: Parsed, path: Path) -> str:
    """The path for people: a part of a list by its own name, such as ``stages[publicity]``, where it has one."""
    text, here = "", parsed.value
    for step in path:
        here = here[step] if isinstance(here, list) and isinstance(step, int) else _member(here, step)
        text += f"[{_name(here, step)}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "全文"


def _member(here: object, step: int | str) -> object:
    return here.get(step) if isinstance(here, dict) else None


def _name(part: object, place: int) -> str:
    if isinstance(part, dict):
        return next((str(part[key]) for key in IDENTITIES if isinstance(part.get(key), str)), str(place + 1))
    return str(place + 1)
