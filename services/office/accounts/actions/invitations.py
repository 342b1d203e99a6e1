"""Invitations: made, withdrawn, accepted as a new account, or joined by an enterprise's existing one."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.office.accounts.actions.people import create_account
from services.office.accounts.actions.who import person_of
from services.office.accounts.domain.passwords import Profile, check_password
from services.office.accounts.domain.people import check_login, check_roles
from services.office.accounts.domain.registration import INVITATION_LIFE, check_reach, require_joining
from services.office.accounts.passwords import hash_password
from services.office.accounts.store import account_by_login, account_row, invitation_row
from services.office.accounts.tables import Account, Invitation
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.kernel.names import seen_name
from shared.kernel.refusals import Conflict, NotFound, Refusal
from shared.web.rights import EXCLUSIVE, Role


@dataclass(frozen=True)
class Invited:
    """Whom an invitation is for."""

    display_name: str
    roles: Collection[str]
    acts_for: Collection[UUID] = field(default=())
    login: str | None = None
    email: str | None = None
    mobile: str | None = None


async def invite(tx: Tx, invited: Invited, life: timedelta = INVITATION_LIFE) -> Invitation:
    """Make an invitation; its link is handed over or sent by whoever made it."""
    check_roles(invited.roles, EXCLUSIVE)
    check_reach(invited.mobile, invited.email)
    login = await _fixed_login(tx, invited)
    invitation = Invitation(
        invitation_id=new_id(),
        display_name=seen_name(invited.display_name, "display_name"),
        login=login,
        roles=sorted(set(invited.roles)),
        acts_for=sorted(str(one) for one in invited.acts_for),
        email=invited.email,
        mobile=invited.mobile,
        made_by=person_of(tx),
        made_at=tx.system_now,
        expires_at=tx.system_now + life,
    )
    tx.session.add(invitation)
    await tx.audit(
        "invitation.made", invitation=invitation.invitation_id, roles=invitation.roles, acts_for=invitation.acts_for
    )
    return invitation


async def invite_colleague(tx: Tx, enterprise_id: UUID, display_name: str) -> Invitation:
    """Invite another person of an enterprise one acts for; any other enterprise is not there."""
    if enterprise_id not in tx.actor.acts_for:
        raise NotFound("没有这家企业，或者您不是它的经办人。")
    return await invite(tx, Invited(display_name, (Role.ENTERPRISE,), (enterprise_id,)))


async def withdraw_invitation(tx: Tx, invitation_id: UUID) -> Invitation:
    """Take back an invitation that was not used."""
    invitation = await invitation_row(tx, invitation_id)
    invitation.withdrawn_at = tx.system_now
    tx.session.add(invitation)
    await tx.audit("invitation.withdrawn", invitation=invitation_id)
    return invitation


async def accept_invitation(tx: Tx, profile: Profile, invitation_id: UUID | None, login: str, password: str) -> Account:
    """Become a new account with the invitation's roles; the password is known to its owner alone."""
    invitation = await invitation_row(tx, invitation_id)
    login = check_login(invitation.login or login)
    check_password(profile, password, (login, invitation.display_name))
    account = await create_account(
        tx,
        login,
        await hash_password(password),
        invitation.display_name,
        invitation.roles,
        [UUID(one) for one in invitation.acts_for],
        email=invitation.email,
        mobile=invitation.mobile,
    )
    await tx.session.flush()  # the invitation names the account
    await _use(tx, invitation, account)
    return account


async def join(tx: Tx, invitation_id: UUID | None) -> Account:
    """Add the invitation's enterprise to one's own account: one person may act for several."""
    invitation = await invitation_row(tx, invitation_id)
    account = await account_row(tx, person_of(tx), update=True)
    require_joining(invitation.roles, account.roles, Role.ENTERPRISE)
    account.acts_for = sorted({*account.acts_for, *invitation.acts_for})
    tx.session.add(account)
    await _use(tx, invitation, account)
    return account


async def _fixed_login(tx: Tx, invited: Invited) -> str | None:
    if invited.login is None:
        if Role.EXPERT in invited.roles:
            raise Refusal("login_missing", "邀请专家须写明专家库中登记的账号。", field="login")
        return None
    login = check_login(invited.login)
    if await account_by_login(tx, login) is not None:
        raise Conflict("login_taken", "这个账号名已有人使用。", field="login")
    return login


async def _use(tx: Tx, invitation: Invitation, account: Account) -> None:
    invitation.used_at, invitation.used_by = tx.system_now, account.account_id
    tx.session.add(invitation)
    await tx.audit("invitation.used", invitation=invitation.invitation_id, account=account.account_id)
