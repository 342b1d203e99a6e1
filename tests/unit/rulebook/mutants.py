"""Mutants of the scoring rules: each changes one operator, number or choice, and some test must notice.

Run as a program it prints a line of JSON for each mutant. Every mutant lives in a child process of its own, forked
from a parent that has imported all libraries but none of our modules.
"""

import ast
import copy
import importlib.abc
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[3]
RULES = (
    "metrics",
    *(f"scoring.{name}" for name in ("banded", "card", "compared", "judged", "rule", "score", "target")),
)
SCORING_TESTS = ("test_rulebook_examples.py", "test_rulebook_scoring.py", "test_rulebook_forms.py")
CHECKING_TESTS = ("test_rule_faults.py",)
CHECKING = {"faults", "_seam"}
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
    for function in functions(tree):
        for node in list(ast.walk(function)):
            for old, new, attribute, place in changes(node):
                setting = (node, attribute, place)
                edge = isinstance(old, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
                said = f"{words(old)} → {words(new)}"
                put(*setting, new)
                changed = copy.deepcopy(tree)
                put(*setting, old)
                line = getattr(node, "lineno", function.lineno)
                yield Mutant(module, line, function.name, said, edge), ast.fix_missing_locations(changed)


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions that decide; how a rule is told in words changes no result."""
    told = {"printed_lines", "words", "figure", "_said", "_narrowed", "sentence"}
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name not in told]


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


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed tree."""

    def __init__(self, name: str, file: Path, tree: ast.Module) -> None:
        self.name, self.file, self.tree = name, file, tree

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """This module only."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code."""
        exec(compile(self.tree, str(self.file), "exec"), module.__dict__)


def noticed(mutant: Mutant, file: Path, tree: ast.Module) -> bool:
    """Whether any test fails, or does not end, with the changed module."""
    child = os.fork()
    if child == 0:
        tests = CHECKING_TESTS if mutant.function in CHECKING else SCORING_TESTS
        os._exit(tested(Changed(f"shared.rulebook.{mutant.module}", file, tree), tests))
    previous = signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(SECONDS)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)
    return status != 0


def tested(changed: Changed, tests: Sequence[str]) -> int:
    """Run the tests quietly on the changed module; 0 when all pass."""
    import pytest

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, changed)
    files = [str(Path(__file__).parent / name) for name in tests]
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:warnings", *files]))


def prepare() -> None:
    """Import the libraries once; draw the same examples each time, without making failures smaller."""
    import hypothesis
    import openpyxl  # noqa: F401
    import pydantic
    import pytest  # noqa: F401
    import typer.testing
    import yaml  # noqa: F401

    assert pydantic
    assert typer
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, phases=phases)
    hypothesis.settings.load_profile("mutants")
    assert not [name for name in sys.modules if name.startswith("shared.")]


def main(chosen: Sequence[str]) -> None:
    """Try every mutant of the chosen modules; all when none is named."""
    os.chdir(ROOT)
    prepare()
    for module in chosen or RULES:
        file = ROOT / "shared" / "rulebook" / f"{module.replace('.', '/')}.py"
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in ("apply", "faults"):
            unchanged = Mutant(module, 0, function, "nothing", edge=False)
            assert not noticed(unchanged, file, tree), "the tests fail without any change"
        for mutant, changed in mutants(module, tree):
            answer = {**asdict(mutant), "noticed": noticed(mutant, file, changed)}
            print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
