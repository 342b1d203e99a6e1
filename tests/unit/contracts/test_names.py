"""Ids of workflows are fixed words; a supplement never meets the main track."""

from uuid import UUID

from shared.contracts import names

ONE = UUID(int=1)


def test_workflow_ids() -> None:
    text = "00000000-0000-0000-0000-000000000001"

    assert names.stage_workflow_id(ONE) == f"stage/{text}"
    assert names.cycle_workflow_id(ONE) == f"cycle/{text}"
    assert names.category_workflow_id(ONE) == f"category/{text}"
    assert names.category_workflow_id(ONE, 2) == f"category/{text}/supplement/2"
    assert names.release_workflow_id(ONE) == f"cycle/{text}/release"
    assert names.application_workflow_id(ONE) == f"application/{text}"
    assert names.standing_workflow_id(ONE, "draw") == f"standing/{text}/draw"


def test_the_stream_holds_every_service_and_nothing_else() -> None:
    assert set(names.STREAM_SUBJECTS) == {f"{name.value}.>" for name in names.ServiceName}
