"""The accounts that a local stack is born with; enterprises and experts are created through the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from services.office.accounts.actions.people import create_account
from services.office.accounts.domain.second_factor import seeded_secret
from services.office.accounts.passwords import hash_password
from services.office.accounts.second_factors import keep_secret
from services.office.accounts.store import account_by_login
from services.office.accounts.tables import Account
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.infra.service import Service
from shared.kernel.ids import derived_id
from shared.rulebook import Rulebook, StageKind
from shared.web.rights import Role, needs_second_factor


@dataclass(frozen=True)
class SeededAccount:
    """One account of the seed; all have the stack's seed password."""

    login: str
    display_name: str
    roles: tuple[Role, ...]
    acts_for: tuple[UUID, ...] = ()


_PEOPLE = (
    SeededAccount("office1", "办公室甲", (Role.OFFICE,)),
    SeededAccount("office2", "办公室乙", (Role.OFFICE,)),
    SeededAccount("supervisor1", "监督员", (Role.SUPERVISOR,)),
    SeededAccount("chair1", "审查委员会主任", (Role.REVIEW_CHAIR,)),
    SeededAccount("cochair1", "指导委员会主任甲", (Role.CO_CHAIR, Role.GUIDANCE)),
    SeededAccount("cochair2", "指导委员会主任乙", (Role.CO_CHAIR, Role.GUIDANCE)),
    SeededAccount("guidance1", "指导委员会委员", (Role.GUIDANCE,)),
    SeededAccount("operator1", "系统管理员", (Role.OPERATOR,)),
    SeededAccount("security1", "安全管理员", (Role.SECURITY,)),
    SeededAccount("auditor1", "审计员", (Role.AUDITOR,)),
    *(SeededAccount(f"media{number}", f"演练媒体{number}", (Role.MEDIA,)) for number in (1, 2, 3)),
)


def consulted_departments(rulebooks: Iterator[Rulebook]) -> tuple[str, ...]:
    """Every department that a shipped rulebook consults, in printed order."""
    found: dict[str, None] = {}
    for rulebook in rulebooks:
        for category in rulebook.categories:
            stage = category.stage(StageKind.CONSULTATION)
            if stage is not None and stage.kind is StageKind.CONSULTATION:
                found.update(dict.fromkeys(stage.params.departments))
    return tuple(found)


def seeded_accounts() -> tuple[SeededAccount, ...]:
    """The seed: one account a role and more where two persons are needed, and one a consulted department."""
    departments = consulted_departments(iter(load_shipped().values()))
    return _PEOPLE + tuple(
        SeededAccount(f"dept{number}", name, (Role.DEPARTMENT,), (derived_id("department", name),))
        for number, name in enumerate(departments, 1)
    )


def enrolled_logins() -> Iterator[str]:
    """Seeded logins whose second factor derives from the stack's key."""
    return (one.login for one in seeded_accounts() if needs_second_factor(one.roles))


async def seed_accounts(service: Service) -> None:
    """Create what is missing of the seed; nothing without a seed password (only a local stack has one)."""
    password = service.settings.seed_password
    if password is None:
        return
    for seeded in seeded_accounts():
        async with service.database.transaction() as tx:
            if await account_by_login(tx, seeded.login) is None:
                kept = await hash_password(password.get_secret_value())
                account = await create_account(
                    tx, seeded.login, kept, seeded.display_name, seeded.roles, seeded.acts_for
                )
                await _enrol(tx, service, account)


async def _enrol(tx: Tx, service: Service, account: Account) -> None:
    """A seeded account that needs a second factor has the one that derives from the stack's own key."""
    key = service.settings.seed_code_key
    if key is None or not needs_second_factor(account.roles):
        return
    await tx.session.flush()  # the factor's foreign key wants the account first
    factor = keep_secret(tx, service, account, seeded_secret(key.get_secret_value(), account.login))
    factor.enrolled_at = tx.system_now
    await tx.audit("second_factor.enrolled", account=account.account_id)
