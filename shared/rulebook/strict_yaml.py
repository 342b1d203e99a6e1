"""YAML read narrowly: one document of mappings, sequences, texts and exact numbers. Never a float.

Aliases, anchors, tags, merge keys, duplicate keys, very deep nesting and very long texts are refused. Unquoted
``null``, ``true``, ``false``, integers and plain decimals are values; every other scalar (``no``, a date) is a text.
"""

import re
from decimal import Decimal

import yaml

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40
MAX_DIGITS = 22

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_WORDS: dict[str, bool | None] = {"null": None, "~": None, "": None, "true": True, "false": False}
_LIKE_NUMBER = re.compile(r"[-+]?(\.?\d[\d_.,]*(e[-+]?\d+)?%?|\.(nan|inf))|nan|infinity", re.IGNORECASE)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where the wheel has it: ten times faster

Path = tuple[str | int, ...]


class YamlRefused(Exception):
    """The text is not the narrow YAML a rulebook is written in. ``line`` counts from 1; 0 when there is none."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class Parsed:
    """The value of a document, and the line on which each part of it begins."""

    def __init__(self, value: object, lines: dict[Path, int]) -> None:
        self.value = value
        self._lines = lines

    def line_of(self, path: Path) -> int:
        """The line of the part at the path, or of its nearest parent that has one."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)


def read_yaml(text: str) -> Parsed:
    """Parse a document.

    Raises:
        YamlRefused: with the line and a Chinese sentence.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise YamlRefused(0, f"文件过长：最多{MAX_CHARACTERS}个字符。")
    if not text.strip():
        raise YamlRefused(0, "文件为空。")
    try:
        _refuse_risky(text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlRefused(mark.line + 1 if mark else 0, f"YAML 写法有误：{error.problem}。") from error
    except yaml.YAMLError as error:
        raise YamlRefused(0, "文件含有 YAML 不允许的字符。") from error
    if node is None:
        raise YamlRefused(0, "文件为空。")
    lines: dict[Path, int] = {}
    return Parsed(_value(node, (), lines), lines)


def _refuse_risky(text: str) -> None:
    """Look at the stream of events before any tree is built: small memory, whatever the text."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlRefused(line, "不接受别名（*）和锚点（&）。")
        if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None):
            raise YamlRefused(line, "不接受标签（!）。")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise YamlRefused(line, f"嵌套过深：最多{MAX_DEPTH}层。")


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> object:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(part, (*path, place), lines) for place, part in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
            raise YamlRefused(line, "键须为文字，且不接受合并键（<<）。")
        if key_node.value in result:
            raise YamlRefused(line, f"键“{key_node.value}”重复。")
        result[key_node.value] = _value(value_node, (*path, key_node.value), lines)
    return result


def _scalar(node: yaml.Node) -> object:
    text: str = node.value
    if not isinstance(node, yaml.ScalarNode) or node.style in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > MAX_DIGITS and _LIKE_NUMBER.fullmatch(text):
        raise YamlRefused(node.start_mark.line + 1, "数字过长。")
    if _NUMBER.fullmatch(text):
        return Decimal(text) if "." in text else int(text)
    if _LIKE_NUMBER.fullmatch(text):
        raise YamlRefused(node.start_mark.line + 1, f"“{text}”不是通常写法的数；若为文字，请加引号。")
    return text
