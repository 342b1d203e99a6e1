"""Mutants of the scoring rules: each changes one operator, number or choice, and some test must notice.

Run as a program it prints a line of JSON for each mutant. The tests are collected once; each mutant lives in a child
process forked then, where the code of one function is replaced before the tests run.
"""

import ast
import copy
import importlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import hypothesis
import pytest

RULES = (
    "metrics",
    *(f"scoring.{name}" for name in ("banded", "card", "compared", "judged", "rule", "score", "target")),
)
TESTS = ("test_rulebook_rules.py", "test_rulebook_examples.py", "test_rulebook_scoring.py", "test_rulebook_forms.py")
SECONDS = 120

SWAPPED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
RENAMED = {"max": "min", "min": "max", "all": "any", "any": "all"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: in which module, line and function, and what became what; ``edge``: a comparison of order."""

    module: str
    line: int
    function: str
    change: str
    edge: bool


def mutants(module: str, tree: ast.Module) -> Iterator[tuple[Mutant, ast.Module]]:
    """Every mutant of a module with its changed tree."""
    for name, function in functions(tree):
        for node in list(ast.walk(function)):
            for old, new, attribute, place in changes(node):
                setting = (node, attribute, place)
                edge = isinstance(old, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
                said = f"{words(old)} → {words(new)}"
                put(*setting, new)
                changed = copy.deepcopy(tree)
                put(*setting, old)
                line = getattr(node, "lineno", function.lineno)
                yield Mutant(module, line, name, said, edge), ast.fix_missing_locations(changed)


def functions(tree: ast.Module | ast.ClassDef, within: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions that decide, by qualified name; how a rule is told in words changes no result."""
    told = {"printed_lines", "words", "figure", "_said", "_narrowed"}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef) and node.name not in told:
            yield within + node.name, node


def changes(node: ast.AST) -> Iterator[tuple[object, object, str, int | None]]:
    """What can change in a node: the old part, the new one, and where it stands."""
    match node:
        case ast.Compare(ops=ops):
            for place, operator in enumerate(ops):
                yield from ((operator, new(), "ops", place) for new in SWAPPED[type(operator)])
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator):
            yield from ((operator, new(), "op", None) for new in SWAPPED.get(type(operator), ()))
        case ast.AugAssign(op=ast.Add() as operator):
            yield operator, ast.Sub(), "op", None
        case ast.UnaryOp(op=ast.Not() | ast.USub() as operator):
            yield operator, ast.UAdd() if isinstance(operator, ast.USub) else ast.Invert(), "op", None
        case ast.Constant(value=bool(value)):
            yield value, not value, "value", None
        case ast.Constant(value=int(value)):
            yield value, value + 1, "value", None
        case ast.Call(func=ast.Name(id=name)) if name in RENAMED:
            yield node.func, ast.Name(RENAMED[name], ast.Load()), "func", None
        case ast.IfExp(body=body, orelse=orelse):
            yield body, orelse, "body", None


def put(node: ast.AST, attribute: str, place: int | None, value: object) -> None:
    """Set a part of a node."""
    if place is None:
        setattr(node, attribute, value)
    else:
        getattr(node, attribute)[place] = value


def words(part: object) -> str:
    """An operator by its class, anything else as source."""
    if isinstance(part, ast.expr):
        return ast.unparse(ast.fix_missing_locations(part))
    return type(part).__name__ if isinstance(part, ast.AST) else repr(part)


# ------------------------------------------------------------------------------------------------------ running


def replace_code(mutant: Mutant, changed: ast.Module) -> None:
    """Give the live function the code it has in the changed module."""
    module = importlib.import_module(f"shared.rulebook.{mutant.module}")
    found: Any = module
    for part in mutant.function.split("."):
        found = vars(found)[part]
    live_function(found).__code__ = code_of(compile(changed, str(module.__file__), "exec"), mutant.function)


def live_function(found: Any) -> FunctionType:
    """The function behind a method, property or function."""
    match found:
        case staticmethod() | classmethod():
            return live_function(found.__func__)
        case property():
            return live_function(found.fget)
        case cached_property():
            return live_function(found.func)
    assert isinstance(found, FunctionType)
    return found


def code_of(code: CodeType, name: str) -> CodeType:
    """The code of the function of that qualified name."""
    inside = [part for part in code.co_consts if isinstance(part, CodeType)]
    for part in inside:
        if part.co_qualname == name:
            return part
    return next(code_of(part, name) for part in inside if name.startswith(f"{part.co_qualname}."))


class Trial:
    """Instead of running the collected tests once, runs them against every mutant."""

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = modules

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Print what became of each mutant."""
        assert session.items
        assert not noticed(session, None, None), "the tests fail without any change"
        for name in self.modules:
            tree = ast.parse(Path(importlib.import_module(f"shared.rulebook.{name}").__file__ or "").read_text("utf-8"))
            for mutant, changed in mutants(name, tree):
                answer = {**asdict(mutant), "noticed": noticed(session, mutant, changed)}
                print(json.dumps(answer, ensure_ascii=False), file=sys.__stdout__, flush=True)
        return True


def noticed(session: pytest.Session, mutant: Mutant | None, changed: ast.Module | None) -> bool:
    """Whether any test fails, or does not end, in a child with the mutant."""
    child = os.fork()
    if child == 0:
        if mutant is not None and changed is not None:
            replace_code(mutant, changed)
        os._exit(run_until_noticed(session))
    previous = signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(SECONDS)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)
    return status != 0


def run_until_noticed(session: pytest.Session) -> int:
    """0 when all tests pass, 1 at the first that fails. Quiet."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    for item, following in zip(session.items, [*session.items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return 1
    return 0


def load_unchecked() -> None:
    """Read the shipped rulebooks once for all children, without anything being worked out from them yet."""
    from shared.infra import rulebooks
    from shared.rulebook import Rulebook
    from shared.rulebook.strict_yaml import read_yaml

    texts = [path.read_text(encoding="utf-8") for path in sorted(rulebooks.SHIPPED.glob("*.yaml"))]
    books = [Rulebook.model_validate(read_yaml(text).value) for text in texts]
    rulebooks.load_shipped = lambda: {book.id: book for book in books}  # type: ignore[assignment]


def main(chosen: Sequence[str]) -> int:
    """Try every mutant of the chosen modules; all when none is named."""
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, phases=phases)
    hypothesis.settings.load_profile("mutants")
    load_unchecked()
    files = [str(Path(__file__).parent / name) for name in TESTS]
    return int(
        pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-p", "no:warnings", *files], [Trial(chosen or RULES)])
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
