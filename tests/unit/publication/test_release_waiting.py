"""What a release waits for, and until when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.publication.domain.releases import ListStanding, missing_parts, release_digest, waiting_for
from shared.infra.rulebooks import load_shipped

DATE = datetime(2026, 5, 20, 16, tzinfo=UTC)
BEFORE, AFTER = DATE - timedelta(seconds=1), DATE
MAIN = ListStanding(title="甲", supplement=0, ready=True)
LATE = ListStanding(title="甲", supplement=0, ready=False)
FILLED = ListStanding(title="甲", supplement=1, ready=False)
HELD = ListStanding(title="甲", supplement=0, ready=True, held=1)
EMPTY = ListStanding(title="甲", supplement=0, ready=True, open_seats=1)


def test_main_list_is_waited_for_even_after_the_date() -> None:
    assert waiting_for([LATE], DATE, AFTER).for_what == ("甲：公示未结束",)


def test_held_and_refilled_entries_are_waited_for_until_the_date() -> None:
    for one in (HELD, FILLED, EMPTY):
        before, after = waiting_for([MAIN, one], DATE, BEFORE), waiting_for([MAIN, one], DATE, AFTER)

        assert (len(before.for_what), before.until) == (1, DATE)
        assert (after.for_what, after.until) == ((), None)


def test_without_a_date_held_and_refilled_are_waited_for_and_open_seats_are_not() -> None:
    assert waiting_for([HELD], None, AFTER).for_what
    assert waiting_for([MAIN, FILLED], None, AFTER).for_what
    assert waiting_for([EMPTY], None, AFTER).for_what == ()


def test_nothing_is_waited_for_when_all_lists_are_ready() -> None:
    assert waiting_for([MAIN, FILLED.model_copy(update={"ready": True})], DATE, BEFORE).for_what == ()


@given(st.permutations([("a", 0), ("a", 1), ("b", 0)]))
def test_digest_of_a_release_is_of_the_set_of_lists(order: list[tuple[str, int]]) -> None:
    lists = [{"category_id": name, "supplement": number, "addendum": 0, "digest": name} for name, number in order]

    first = release_digest(UUID(int=1), 0, lists)
    assert first == release_digest(UUID(int=1), 0, sorted(lists, key=lambda one: str(one)))
    assert first != release_digest(UUID(int=1), 1, lists)
    assert first != release_digest(UUID(int=1), 0, lists[1:])


def test_bundle_needs_a_fresh_ledger_and_the_draw_where_there_is_a_panel() -> None:
    panel = load_shipped()["qingdao-economic-achievements"].category("new_quality_pioneer")
    giant = load_shipped()["little-giant-performance"].category("little_giant")
    ledger, draw = ("office", "public", "ledger.json"), ("review", "public", "draw-transcript-2.json")

    assert missing_parts(panel, [], fresh_ledger=False) == ["office/ledger.json", "review/draw-transcript.json"]
    assert missing_parts(panel, [ledger, draw], fresh_ledger=True) == []
    assert missing_parts(panel, [ledger, draw], fresh_ledger=False) == ["office/ledger.json"]
    assert missing_parts(giant, [ledger], fresh_ledger=True) == []
