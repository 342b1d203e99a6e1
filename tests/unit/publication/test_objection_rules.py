"""Who may object with what, and which decisions follow which."""

import pytest

from services.publication.domain.objections import (
    OPEN,
    ObjectionState,
    Objector,
    may_become,
    require_real_name,
    require_reason,
)
from shared.kernel.refusals import Conflict, Refusal

GOOD = Objector(name="张三", contact="139 0000 0000", text="申报数据与公开年报不一致，附出处。")


def test_objection_with_name_contact_grounds_and_text_is_taken() -> None:
    require_real_name(GOOD, "年报第12页")


@pytest.mark.parametrize("name", ["", "匿名", "匿名群众", "无名", "A", "   ", "佚名者"])
def test_anonymous_objection_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_real_name(GOOD.model_copy(update={"name": name}), "年报")

    assert (refused.value.code, refused.value.field) == ("anonymous", "name")


def test_all_faults_of_a_form_are_named_at_once() -> None:
    with pytest.raises(Refusal) as refused:
        require_real_name(Objector(name="匿名", contact="无", text="短"), " ")

    assert [problem.field for problem in refused.value.problems] == ["name", "contact", "grounds", "text"]


@pytest.mark.parametrize("state", sorted(set(ObjectionState) - OPEN))
@pytest.mark.parametrize("wanted", [ObjectionState.UPHELD, ObjectionState.DISMISSED, ObjectionState.INADMISSIBLE])
def test_second_ruling_is_refused(state: ObjectionState, wanted: ObjectionState) -> None:
    with pytest.raises(Conflict) as refused:
        may_become(state, wanted)

    assert refused.value.code == "already_ruled"


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (ObjectionState.FILED, ObjectionState.UPHELD),
        (ObjectionState.FILED, ObjectionState.DISMISSED),
        (ObjectionState.ADMITTED, ObjectionState.INADMISSIBLE),
        (ObjectionState.ADMITTED, ObjectionState.ADMITTED),
    ],
)
def test_step_out_of_order_is_refused(state: ObjectionState, wanted: ObjectionState) -> None:
    with pytest.raises(Conflict) as refused:
        may_become(state, wanted)

    assert refused.value.code == "objection_state"


def test_ruling_without_a_reason_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        require_reason("  无 ")

    assert refused.value.field == "reason"
