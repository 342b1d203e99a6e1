"""Every right, everything that is audited and every notice has its words: what people read never is a code."""

import ast
from collections.abc import Iterable, Iterator

from services.ranking.actions.concerns import RulingGiven
from services.ranking.actions.decisions import MeetingHeld
from services.ranking.actions.evaluation import PointsByHand
from shared.contracts.acts import DONE, MAY, called, said_of
from shared.contracts.details import DETAILS, told_in_words
from shared.contracts.notices import NOTICE_TITLES
from shared.web.rights import POLICY
from tests.contract.declared import calls_of, literal, sources

# Codes with a name in them: all that may stand there.
NAMED = {
    "case.{kind}": ("withdrawn", "disqualified", "ended"),
    "case.{case.standing}": ("dropped", "struck"),
    "delivery.{delivery.state}": ("sent", "uncertain", "failed"),
    "draw.{attempt.phase}": ("committing", "revealing"),
    "draw.committed.{party}": ("office",),
    "draw.revealed.{party}": ("office",),
    "draw.silent.{party}": ("office",),
    "draw.stand_in.{party}.{by}": ("office.supervisor",),
    "evaluation.{kind}": ("override", "judgement"),
    "member.{member.state}": ("lapsed", "overdue"),
    "objection.{state}": ("inadmissible", "upheld", "dismissed"),
    "stage.{request.change}": ("extend", "pause", "resume", "advance", "cancel"),
    "{case.origin}.recorded": ("intake", "nomination"),
}


COLUMNS = frozenset({"cycle_id", "category_id", "case_id", "stage_id", "public"})
"""What an audit row has a column of its own for."""

# Details that are not written out where they are audited: all that may stand there besides columns.
SPREAD: dict[str, Iterable[str]] = {
    "stage_place(stage)": (),
    "case_place(case)": (),
    "case_place(await store.case_of(tx, ref.case_id))": (),
    "_place(row)": (),
    "_place(stage)": (),
    "tried.prepared.place": (),
    "place": ("department", "sha256"),
    "told": ("check", "item", "reason"),
    "about": ("kind", "rows"),
    "body": MeetingHeld.model_fields,
    "given.model_dump()": (*RulingGiven.model_fields, *PointsByHand.model_fields),
    "{'entered_for_applicant': True} if case.paper else {}": ("entered_for_applicant",),
}


def detailed(tree: ast.AST) -> Iterator[str]:
    """The names of the details that a module audits."""
    for call in calls_of(tree, "audit"):
        if ast.unparse(call.func) in ("tx.audit", "self.audit"):
            for one in call.keywords:
                yield from [one.arg] if one.arg else SPREAD[ast.unparse(one.value)]


def audited(tree: ast.AST) -> set[str]:
    """The acts that a module audits, wherever it writes their codes."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("tx.audit", "_keep") and node.args:
            found |= {word for one in node.args for word in codes(one)}
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "what":
            found |= codes(node.value)
    return {one for one in found if "." in one}


def codes(node: ast.expr) -> set[str]:
    """What an expression may say: a text, one of two, or a text with a name in it."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return codes(node.body) | codes(node.orelse)
        case ast.JoinedStr():
            code = ast.unparse(node)[2:-1]
            named = code[code.index("{") : code.rindex("}") + 1]
            return {code.replace(named, name) for name in NAMED[code]}
    return set()


def test_whatever_is_audited_is_said_in_words() -> None:
    done = {code for _path, tree in sources("services", "shared") for code in audited(tree)}

    assert {one for one in done if said_of(one) == one} == set()
    assert len(done) > 190
    assert {one for one in DONE if not any(code == one or code.startswith(f"{one}.") for code in done)} == set()


def test_every_detail_of_what_is_audited_has_its_name() -> None:
    names = {name for _path, tree in sources("services", "shared", "deploy") for name in detailed(tree)}

    assert names - COLUMNS - set(DETAILS) == set()
    assert set(DETAILS) - names == set(), "a name that nothing is audited under"
    assert len(names) > 100


def test_details_are_told_in_words() -> None:
    row = {"reason": "演练", "upheld": True, "before": ["office"], "item": None, "term": {"days": 5}, "later": 1}

    assert told_in_words(row) == "later：1，变更前：office，成立：是，期限：（天数：5），理由：演练"


def test_every_right_is_said_in_words() -> None:
    assert set(MAY) == set(POLICY)


def test_an_act_is_found_by_its_words() -> None:
    assert called("收到异议") == "objection.filed"
    assert said_of("draw.silent.office") == "抽取一方逾期未办"
    assert (said_of("later.version"), called("没有这件事")) == ("later.version", None)


def test_every_notice_of_submission_has_its_heading() -> None:
    told = (("tell_applicant", 2), ("tell_office", 2), ("tell_department", 3))
    given = {
        literal(call, place)
        for _path, tree in sources("services/submission")
        for name, place in told
        for call in calls_of(tree, name)
    }

    assert given - {None} - set(NOTICE_TITLES) == set()
    assert len(given) > 10
