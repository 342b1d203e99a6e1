"""Forms that several windows write at once: nothing typed is lost, nothing seen is overwritten unknowingly."""

from hypothesis import given
from hypothesis import strategies as st

from services.submission.domain.drafting import (
    BLANK,
    Change,
    Clash,
    Merged,
    SortedOut,
    Typed,
    as_kept,
    as_typed,
    left_blank,
    merge,
    problems_of,
    sort_out,
    typed_in,
)
from shared.infra.rulebooks import load_shipped

PIONEER = load_shipped()["qingdao-economic-achievements"].category("new_quality_pioneer")

TEXTS = st.sampled_from(["", "1", "2", "3"]).map(lambda text: as_typed([text]))
FIELDS = st.sampled_from(["a", "b", "c"])
FORMS = st.dictionaries(FIELDS, TEXTS)
CHANGES = st.builds(Change, FIELDS, TEXTS, TEXTS)


def after(kept: dict[str, Typed], merged: Merged) -> dict[str, Typed]:
    return {**kept, **merged.taken}


@given(FORMS, st.lists(CHANGES, max_size=6))
def test_every_change_is_kept_or_asked_about_and_what_was_not_seen_is_never_overwritten(
    kept: dict[str, Typed], changes: list[Change]
) -> None:
    merged = merge(kept, changes)

    asked = {(clash.field, clash.mine) for clash in merged.clashes}
    taken_in_turn: dict[str, set[Typed]] = {}
    for change in changes:
        before = {kept.get(change.field, BLANK)} | taken_in_turn.setdefault(change.field, set())
        if change.was in before:
            taken_in_turn[change.field].add(change.now)
        assert (
            change.now == change.was  # not touched
            or (change.field, change.now) in asked
            or change.now in before | taken_in_turn[change.field]
        )
    for field, typed in merged.taken.items():
        assert any(change.field == field and change.now == typed for change in changes)


@given(FORMS, st.lists(CHANGES, max_size=4, unique_by=lambda change: change.field))
def test_changes_of_different_fields_merge_in_any_order(kept: dict[str, Typed], changes: list[Change]) -> None:
    forwards, backwards = merge(kept, changes), merge(kept, list(reversed(changes)))

    assert forwards.taken == backwards.taken
    assert set(forwards.clashes) == set(backwards.clashes)


@given(FORMS, st.lists(CHANGES, max_size=4, unique_by=lambda change: change.field))
def test_sending_the_same_changes_again_changes_nothing_more(kept: dict[str, Typed], changes: list[Change]) -> None:
    once = merge(kept, changes)

    again = merge(after(kept, once), changes)

    assert again.taken == {}
    assert set(again.clashes) == set(once.clashes)


@given(FORMS, FORMS)
def test_a_window_that_saw_what_is_kept_gets_all_it_typed(kept: dict[str, Typed], typed: dict[str, Typed]) -> None:
    changes = [Change(field, kept.get(field, BLANK), now) for field, now in typed.items()]

    merged = merge(kept, changes)

    assert merged.clashes == ()
    assert {field: after(kept, merged).get(field, BLANK) for field in typed} == typed


def test_two_windows_that_change_one_field_clash_and_the_first_stands() -> None:
    first = after({"a": ("1",)}, merge({"a": ("1",)}, [Change("a", ("1",), ("2",))]))

    merged = merge(first, [Change("a", ("1",), ("3",))])

    assert merged == Merged({}, (Clash("a", ("3",), ("2",)),))


def test_a_person_who_chose_overwrites_what_they_were_shown() -> None:
    assert merge({"a": ("2",)}, [Change("a", ("2",), ("3",))]) == Merged({"a": ("3",)}, ())


def test_figures_are_taken_and_what_is_none_is_kept_as_typed() -> None:
    found = sort_out(
        PIONEER, {"revenue_this_year": ("两千",), "revenue_last_year": ("1800.50",), "titles_valid": ("gazelle",)}
    )

    assert found.unsound == {"revenue_this_year": ["两千"]}
    assert found.figures == {"revenue_last_year": "1800.5", "titles_valid": ["gazelle"]}
    assert [one.field for one in problems_of(PIONEER, found.unsound)] == ["revenue_this_year"]
    assert typed_in(found.figures, found.unsound) == {
        "revenue_this_year": ("两千",),
        "revenue_last_year": ("1800.5",),
        "titles_valid": ("gazelle",),
    }


def test_a_figure_that_is_sent_again_as_it_was_typed_is_no_clash() -> None:
    change = Change("revenue_this_year", BLANK, ("1800.50",))
    kept = {"revenue_this_year": ("1800.5",)}

    assert as_kept(PIONEER, change) == Change("revenue_this_year", BLANK, ("1800.5",))
    assert merge(kept, [as_kept(PIONEER, change)]) == Merged({}, ())


def test_two_texts_in_a_field_for_one_are_kept_and_wrong() -> None:
    found = sort_out(PIONEER, {"revenue_this_year": ("1", "2")})

    assert found == SortedOut({}, {"revenue_this_year": ["1", "2"]})


@given(st.text(max_size=30))
def test_whatever_is_typed_comes_back_as_a_figure_or_as_it_was_typed(text: str) -> None:
    typed = as_typed([text])

    found = sort_out(PIONEER, {"revenue_this_year": typed})

    kept = typed_in(found.figures, found.unsound).get("revenue_this_year", BLANK)
    assert (kept == typed) or ("revenue_this_year" in found.figures)
    assert bool(kept) == bool(typed)


def test_blank_fields_say_at_the_end_that_there_is_no_such_figure() -> None:
    blank = left_blank(PIONEER, None, {"revenue_this_year": "1"})

    assert blank["revenue_two_years_ago"] is None
    assert blank["titles_valid"] == []
    assert "revenue_this_year" not in blank
    assert "registered_in_qingdao" not in blank or PIONEER.fact("registered_in_qingdao").nullable  # type: ignore[union-attr]
