"""Accounts: created, given other roles, ended, recovered; passwords changed."""

from collections.abc import Collection
from uuid import UUID

from services.office.accounts import second_factors
from services.office.accounts.actions.api_tokens import revoke_tokens
from services.office.accounts.actions.staff import list_staff
from services.office.accounts.actions.who import acting_as, person_of
from services.office.accounts.domain import sessions
from services.office.accounts.domain.passwords import Profile, check_password, taken_before
from services.office.accounts.domain.people import check_login, check_roles
from services.office.accounts.passwords import fits_any, hash_password
from services.office.accounts.store import (
    account_by_login,
    account_row,
    drop_recoveries,
    earlier_hashes,
    failures_of,
    open_sessions,
    recovering_account,
    recovery_row,
)
from services.office.accounts.tables import Account, EarlierPassword, Recovery
from shared.contracts.facts import AccountRevoked
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tickets import note_revoked, require_fresh
from shared.kernel.ids import derived_id
from shared.kernel.names import seen_name
from shared.kernel.refusals import Conflict, Refusal
from shared.web.rights import EXCLUSIVE, Role


async def create_account(
    tx: Tx,
    login: str,
    password_hash: str,
    display_name: str,
    roles: Collection[str],
    acts_for: Collection[UUID] = (),
    *,
    email: str | None = None,
    mobile: str | None = None,
) -> Account:
    """Create an account; an expert acts for the expert of the same login. Refuses a login that is taken."""
    normal = check_login(login)
    check_roles(roles, EXCLUSIVE)
    await tx.lock("login", normal)
    if await account_by_login(tx, normal) is not None:
        raise Conflict("login_taken", "这个账号名已有人使用。", field="login")
    acts = {*acts_for, *([derived_id("expert", normal)] if Role.EXPERT in roles else [])}
    account = Account(
        account_id=derived_id("account", normal),
        login=normal,
        password_hash=password_hash,
        display_name=seen_name(display_name, "display_name"),
        roles=sorted(set(roles)),
        acts_for=sorted(str(one) for one in acts),
        email=email,
        mobile=mobile,
        created_at=tx.system_now,
        password_set_at=tx.system_now,
    )
    tx.session.add(account)
    await tx.audit("account.created", account=account.account_id, roles=account.roles, acts_for=account.acts_for)
    if Role.OFFICE in roles:
        await list_staff(tx)
    return account


async def change_roles(tx: Tx, account_id: UUID, roles: Collection[str], reason: str) -> Account:
    """Give an account other roles; its sessions end, so that the next sign-in has them."""
    require_fresh(tx)
    if account_id == tx.actor.account_id:
        raise Refusal("own_account", "不能更改自己的身份，请由另一位安全管理员办理。")
    check_roles(roles, EXCLUSIVE)
    account = await account_row(tx, account_id, update=True)
    if Role.EXPERT in set(roles) ^ set(account.roles):
        raise Conflict("expert_account", "专家身份随账号建立，不能增减；请另发邀请。")
    before, account.roles = account.roles, sorted(set(roles))
    tx.session.add(account)
    await end_sessions(tx, account_id)
    await tx.audit("account.roles_changed", account=account_id, before=before, after=account.roles, reason=reason)
    if Role.OFFICE in set(before) ^ set(account.roles):
        await list_staff(tx)
    return account


async def revoke_account(tx: Tx, account_id: UUID, reason: str) -> Account:
    """End an account for good: its sessions end here, its tokens everywhere as soon as the fact arrives."""
    if account_id == tx.actor.account_id:
        raise Refusal("own_account", "不能停用自己的账号，请由另一位安全管理员办理。")
    account = await account_row(tx, account_id, update=True)
    if account.revoked_at is not None:
        return account
    account.revoked_at = tx.system_now
    tx.session.add(account)
    await end_sessions(tx, account_id)
    await note_revoked(tx, account_id)
    await tx.audit("account.revoked", account=account_id, reason=reason)
    await tx.emit(AccountRevoked(account_id=account_id))
    if Role.OFFICE in account.roles:
        await list_staff(tx)
    return account


async def end_sessions(tx: Tx, account_id: UUID, *, but: UUID | None = None) -> None:
    """End every session of an account, but one."""
    for session in await open_sessions(tx, account_id):
        if session.session_id != but:
            session.ended_at = tx.system_now
            tx.session.add(session)


async def change_password(tx: Tx, profile: Profile, account: Account, password: str) -> None:
    """Give an account another password, as the profile asks; its other sessions end."""
    check_password(profile, password, (account.login, account.display_name))
    before = [account.password_hash, *await earlier_hashes(tx, account.account_id, profile.history - 1)]
    if await fits_any(password, before):
        raise taken_before()
    if account.password_hash:
        tx.session.add(
            EarlierPassword(
                account_id=account.account_id, replaced_at=tx.system_now, password_hash=account.password_hash
            )
        )
    account.password_hash, account.password_set_at = await hash_password(password), tx.system_now
    tx.session.add(account)
    await end_sessions(tx, account.account_id, but=tx.actor.session)
    await tx.audit("password.changed", account=account.account_id)


async def change_own_password(tx: Tx, profile: Profile, password: str) -> None:
    """Change one's own password, freshly authenticated."""
    require_fresh(tx)
    await change_password(tx, profile, await account_row(tx, person_of(tx), update=True), password)


async def recover_account(tx: Tx, account_id: UUID, reason: str) -> Recovery:
    """Let somebody who lost password or phone begin anew: neither holds any more, a one-use link sets a password.

    The security administrator hands the link over after seeing who asks; the next sign-in enrols a new second factor.
    """
    require_fresh(tx)
    if account_id == tx.actor.account_id:
        raise Refusal("own_account", "不能为自己办理账号恢复，请由另一位安全管理员办理。")
    account = await account_row(tx, account_id, update=True)
    if account.revoked_at is not None:
        raise Conflict("account_revoked", "该账号已停用。")
    account.password_hash = ""
    tx.session.add(account)
    await second_factors.forget(tx, account)
    await end_sessions(tx, account_id)
    await revoke_tokens(tx, account_id)
    await drop_recoveries(tx, account_id)
    recovery = Recovery(recovery_id=new_id(), account_id=account_id, made_by=person_of(tx), made_at=tx.system_now)
    tx.session.add(recovery)
    await tx.audit("account.recovery_opened", account=account_id, reason=reason)
    return recovery


async def open_recovery(tx: Tx, recovery_id: UUID | None) -> tuple[Recovery, Account]:
    """A recovery that may still be used, with its account, both locked; any other is a dead link."""
    account = await account_row(tx, await recovering_account(tx, recovery_id), update=True)
    recovery = await recovery_row(tx, recovery_id)
    sessions.require_link(recovery.made_at, recovery.used_at, tx.system_now, sessions.RECOVERY_LIFE)
    if account.revoked_at is not None:
        raise sessions.DeadLink
    return recovery, account


async def use_recovery(tx: Tx, profile: Profile, recovery_id: UUID | None, password: str) -> Account:
    """Set a new password by a recovery link, once."""
    recovery, account = await open_recovery(tx, recovery_id)
    acting_as(tx, account)
    await change_password(tx, profile, account, password)
    recovery.used_at = tx.system_now
    tx.session.add(recovery)
    failures = await failures_of(tx, account.login)
    if failures is not None:
        await tx.session.delete(failures)
    await tx.audit("account.recovered", account=account.account_id)
    return account
