"""Two acts of office on the same rows at the same moment."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from services.office.accounts import signing_in
from services.office.accounts.actions.invitations import Invited, invite, join
from services.office.accounts.actions.people import create_account, recover_account
from services.office.accounts.domain.sessions import WrongPassword
from services.office.accounts.store import account_row, open_sessions
from services.office.accounts.tables import Account
from services.office.notices.actions import read_notice
from services.office.notices.tables import Notice
from shared.infra.clocks import new_id
from shared.infra.contention import again_if_met
from shared.infra.database import Actor, Database
from shared.infra.service import Service, build_service
from shared.infra.tables import Audit, Dossier
from shared.kernel.refusals import Conflict
from shared.web.rights import Role
from tests.integration.interleaving import Work, interleave
from tests.integration.servers import ServiceProcess


@pytest.fixture
async def service(process: ServiceProcess) -> AsyncIterator[Service]:
    """The hands of the office that runs beside."""
    service = build_service(process.settings())
    yield service
    await service.database.close()


def _login() -> str:
    return f"yanlian{uuid4().hex[:10]}"


def _created(login: str, *roles: Role, acts_for: tuple[UUID, ...] = ()) -> Work:
    return lambda tx: create_account(tx, login, "no password fits", f"演练人员 {login}", roles, acts_for)


async def _account(database: Database, *roles: Role, acts_for: tuple[UUID, ...] = ()) -> Account:
    async with database.transaction() as tx:
        account = await _created(_login(), *roles, acts_for=acts_for)(tx)
    assert isinstance(account, Account)
    return account


async def test_two_enterprises_joined_at_once_are_both_kept(service: Service) -> None:
    enterprises = [uuid4() for _ in range(3)]
    account = await _account(service.database, Role.ENTERPRISE, acts_for=(enterprises[0],))
    me = Actor(account_id=account.account_id, roles=frozenset({Role.ENTERPRISE}))
    async with service.database.transaction(me) as tx:
        links = [
            (await invite(tx, Invited("演练经办人", (Role.ENTERPRISE,), (one,)))).invitation_id
            for one in enterprises[1:]
        ]

    await interleave(
        service.database.url,
        "office",
        lambda tx: join(tx, links[0]),
        "FROM account",
        lambda tx: join(tx, links[1]),
        actor=me,
    )

    async with service.database.transaction() as tx:
        kept = (await account_row(tx, account.account_id)).acts_for
    assert kept == sorted(str(one) for one in enterprises)


async def test_of_two_people_who_enter_the_office_at_once_the_newest_list_names_both(service: Service) -> None:
    logins = [_login(), _login()]

    await interleave(
        service.database.url,
        "office",
        _created(logins[0], Role.OFFICE),
        "ORDER BY account.login",
        _created(logins[1], Role.OFFICE),
    )

    async with service.database.transaction() as tx:
        found = (await tx.session.execute(select(Dossier.content).where(Dossier.kind == "staff"))).scalars()
        newest = max((json.loads(content) for content in found), key=lambda listed: listed["listed_at"])
    assert {f"演练人员 {login}" for login in logins} <= {one["name"] for one in newest["people"]}


async def test_of_two_who_take_a_login_at_once_the_second_is_told_that_it_is_taken(service: Service) -> None:
    login = _login()

    with pytest.raises(Conflict, match="已有人使用"):
        await interleave(
            service.database.url,
            "office",
            _created(login, Role.MEDIA),
            "FROM account",
            _created(login, Role.MEDIA),
        )


async def test_a_password_that_was_right_a_moment_before_the_recovery_opens_no_session(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await _account(service.database, Role.MEDIA)
    other = await _account(service.database, Role.SECURITY)

    async def fits_and_is_recovered(_password: str, _kept: str | None) -> bool:
        async with service.database.transaction() as tx:
            security = Actor(account_id=other.account_id, roles=frozenset({Role.SECURITY}), auth_time=tx.system_now)
            await recover_account(tx.acting_as(security, ""), account.account_id, "演练：手机遗失")
        return True

    monkeypatch.setattr(signing_in, "fits", fits_and_is_recovered)

    with pytest.raises(WrongPassword):
        await signing_in.sign_in(service, account.login, "演练口令")

    async with service.database.transaction() as tx:
        assert await open_sessions(tx, account.account_id) == []


async def test_of_two_who_read_a_notice_at_once_one_is_its_reader(service: Service) -> None:
    people = [Actor(account_id=uuid4(), roles=frozenset({Role.MEDIA})) for _ in range(2)]
    notice_id = new_id()
    async with service.database.transaction() as tx:
        notice = {"source": "submission", "template": "seat_open", "link": "/office", "issued_at": tx.now}
        tx.session.add(Notice(notice_id=notice_id, recipient_kind="role", recipient_role="media", **notice))

    def read_by(person: Actor) -> Work:
        return lambda tx: read_notice(tx.acting_as(person, ""), notice_id)

    await interleave(service.database.url, "office", read_by(people[0]), "FROM notice", read_by(people[1]))

    async with service.database.transaction() as tx:
        told = select(Audit.actor_id).where(
            Audit.action == "notice.read", col(Audit.details)["notice"].astext == str(notice_id)
        )
        assert list((await tx.session.execute(told)).scalars()) == [people[0].account_id]
        assert (await tx.session.get_one(Notice, notice_id)).read_by == people[0].account_id


async def test_of_two_transactions_that_wait_for_each_other_both_are_done(service: Service) -> None:
    both_hold_one, keys = asyncio.Barrier(2), (uuid4(), uuid4())

    async def lock_in_turn(first: UUID, second: UUID) -> int:
        tries = 0

        async def transact() -> None:
            nonlocal tries
            tries += 1
            async with service.database.transaction() as tx:
                await tx.lock(first)
                if tries == 1:
                    await both_hold_one.wait()
                await tx.lock(second)

        await again_if_met(transact)
        return tries

    assert sorted(await asyncio.gather(lock_in_turn(*keys), lock_in_turn(*reversed(keys)))) == [1, 2]
