"""The register of enterprises follows office's confirmations; what the office entered itself stands."""

from uuid import UUID, uuid4

import pytest

from shared.contracts.facts import EnterpriseRegistered
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import derived_id
from tests.integration.servers import eventually, key
from tests.integration.submission.desk import Desk
from tests.integration.submission.outside import Outside


@pytest.fixture
def registered() -> EnterpriseRegistered:
    """An enterprise that office has just let in."""
    code = make_credit_code(f"91370202MA7{uuid4().int % 10**6:06d}")
    return EnterpriseRegistered(
        enterprise_id=derived_id("enterprise", code), credit_code=code, name=f"演练企业{code[-7:]}", industry="制造业"
    )


def entry(desk: Desk, enterprise_id: UUID) -> dict[str, str] | None:
    rows = desk.office.get("/api/submission/enterprises").raise_for_status().json()
    return next((row for row in rows if row["enterprise_id"] == str(enterprise_id)), None)


def test_a_confirmed_enterprise_may_file(desk: Desk, outside: Outside, registered: EnterpriseRegistered) -> None:
    outside.state(registered)

    eventually(lambda: entry(desk, registered.enterprise_id), "the enterprise is not in the register")
    found = entry(desk, registered.enterprise_id)
    assert found is not None
    assert (found["name"], found["industry"]) == (registered.name, "制造业")


def test_what_the_office_entered_stands(desk: Desk, outside: Outside, registered: EnterpriseRegistered) -> None:
    body = {"name": "演练企业（办公室登记）", "credit_code": registered.credit_code}
    desk.office.post("/api/submission/enterprises", json=body, headers=key()).raise_for_status()
    marker = registered.model_copy(
        update={
            "credit_code": (code := make_credit_code(f"91370202MA8{uuid4().int % 10**6:06d}")),
            "enterprise_id": derived_id("enterprise", code),
        }
    )

    outside.state(registered)
    outside.state(marker)  # taken in after it, by the same consumer
    eventually(lambda: entry(desk, marker.enterprise_id), "the later fact was not taken in")

    found = entry(desk, registered.enterprise_id)
    assert found is not None
    assert found["name"] == "演练企业（办公室登记）"
