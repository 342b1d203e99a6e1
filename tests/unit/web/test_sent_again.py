"""A request under a key that was answered before: the same one has the same answer, another one is refused."""

from uuid import uuid4

import pytest
from starlette.requests import Request

from shared.infra.database import Actor
from shared.infra.tables import Idempotency
from shared.kernel.refusals import Conflict
from shared.web.act import Act


def act(headers: list[tuple[bytes, bytes]], digest: str) -> Act:
    return Act(Request({"type": "http", "headers": headers}), "handover.end", Actor(), "key", digest)


def answered(digest: str) -> Idempotency:
    return Idempotency(actor_id=uuid4(), key="key", act="handover.end", request_digest=digest, answer="/office")


def test_the_same_request_has_its_first_answer() -> None:
    assert act([], "a").first_answer(answered("a")) == "/office"


def test_a_form_sent_again_with_other_words_is_told_in_words_what_to_do() -> None:
    with pytest.raises(Conflict) as refusal:
        act([], "b").first_answer(answered("a"))

    assert refusal.value.field is None
    assert "这一页已经提交过一次" in refusal.value.message


def test_a_program_that_uses_a_key_twice_is_told_which_field_it_is() -> None:
    with pytest.raises(Conflict) as refusal:
        act([(b"idempotency-key", b"key")], "b").first_answer(answered("a"))

    assert refusal.value.field == "Idempotency-Key"
