"""Enterprises that ask to be let in, and the office's answer."""

from dataclasses import asdict
from uuid import UUID

from services.office.accounts.actions.invitations import Invited, invite
from services.office.accounts.actions.who import person_of
from services.office.accounts.domain.registration import (
    CONFIRMED_LIFE,
    Registrant,
    checked,
    require_room,
    require_undecided,
)
from services.office.accounts.store import registration_row, waiting_registrations
from services.office.accounts.tables import Registration
from shared.contracts.facts import EnterpriseRegistered
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.kernel.ids import derived_id
from shared.web.rights import Role


async def register(tx: Tx, given: Registrant) -> Registration:
    """Ask to be let in as an enterprise; the office confirms."""
    registrant = checked(given)
    await tx.lock("registration", registrant.credit_code)
    require_room(len(await waiting_registrations(tx, registrant.credit_code)))
    registration = Registration(registration_id=new_id(), asked_at=tx.system_now, **asdict(registrant))
    tx.session.add(registration)
    await tx.audit("registration.asked", registration=registration.registration_id, credit_code=registrant.credit_code)
    return registration


async def confirm_registration(tx: Tx, registration_id: UUID) -> Registration:
    """Let an enterprise in: submission hears of it, and the contact's own link now leads to setting up an account."""
    registration = await registration_row(tx, registration_id)
    require_undecided(registration.state)
    enterprise_id = derived_id("enterprise", registration.credit_code)
    invited = Invited(
        registration.contact,
        (Role.ENTERPRISE,),
        (enterprise_id,),
        email=registration.email,
        mobile=registration.mobile,
    )
    invitation = await invite(tx, invited, CONFIRMED_LIFE)
    await tx.session.flush()  # the registration names the invitation
    registration.invitation_id = invitation.invitation_id
    _decide(tx, registration, "confirmed")
    await tx.audit("registration.confirmed", registration=registration_id, credit_code=registration.credit_code)
    await tx.emit(
        EnterpriseRegistered(
            enterprise_id=enterprise_id,
            credit_code=registration.credit_code,
            name=registration.name,
            industry=registration.industry,
            district=registration.district,
            ownership=registration.ownership,
        )
    )
    return registration


async def decline_registration(tx: Tx, registration_id: UUID, reason: str) -> Registration:
    """Turn a registration down, with a reason that its contact reads."""
    registration = await registration_row(tx, registration_id)
    require_undecided(registration.state)
    registration.reason = reason
    _decide(tx, registration, "declined")
    await tx.audit("registration.declined", registration=registration_id, reason=reason)
    return registration


def _decide(tx: Tx, registration: Registration, state: str) -> None:
    registration.state, registration.decided_by, registration.decided_at = state, person_of(tx), tx.system_now
    tx.session.add(registration)
