"""The second factor of an account: offered, enrolled by its first code, then asked for; forgotten by recovery."""

from dataclasses import dataclass

import pyotp

from services.office.accounts import store
from services.office.accounts.domain.second_factor import enrolment_uri, fitting_step
from services.office.accounts.domain.sessions import CodeMissing
from services.office.accounts.sealing import seal, unseal
from services.office.accounts.tables import Account, SecondFactor
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.kernel.refusals import Conflict


@dataclass(frozen=True)
class Offered:
    """What an authenticator app needs: the secret to type, or the address to read from a QR code."""

    secret: str
    uri: str


async def offer(tx: Tx, service: Service, account: Account) -> Offered:
    """The secret that waits for its first code, made at the first call. Refuses an account that is enrolled."""
    factor = await store.factor_of(tx, account.account_id)
    if factor is None:
        factor = keep_secret(tx, service, account, pyotp.random_base32())
    elif factor.enrolled_at is not None:
        raise Conflict("already_enrolled", "该账号已绑定动态口令；更换手机请联系安全管理员。")
    secret = unseal(service.secret, account.account_id, factor.sealed)
    return Offered(secret, enrolment_uri(secret, account.login, rehearsal=service.rehearsal))


def keep_secret(tx: Tx, service: Service, account: Account, secret: str) -> SecondFactor:
    """Keep a secret, sealed; it is not asked for until it is enrolled."""
    sealed = seal(service.secret, account.account_id, secret)
    factor = SecondFactor(account_id=account.account_id, sealed=sealed, made_at=tx.system_now)
    tx.session.add(factor)
    return factor


async def is_enrolled(tx: Tx, account: Account) -> bool:
    """Whether a code is asked for."""
    factor = await store.factor_of(tx, account.account_id)
    return factor is not None and factor.enrolled_at is not None


async def accepts(tx: Tx, service: Service, account: Account, code: str) -> bool:
    """Whether the code fits, and then never again; the first one enrols."""
    factor = await store.factor_of(tx, account.account_id)
    if factor is None:
        return False
    secret = unseal(service.secret, account.account_id, factor.sealed)
    step = fitting_step(secret, code, tx.system_now, factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    tx.session.add(factor)
    if factor.enrolled_at is None:
        factor.enrolled_at = tx.system_now
        await tx.audit("second_factor.enrolled", account=account.account_id)
    return True


async def accepts_if_enrolled(tx: Tx, service: Service, account: Account, code: str | None) -> bool:
    """Whether the code fits, or none is asked for.

    Raises:
        CodeMissing: one is asked for and none came.
    """
    if not await is_enrolled(tx, account):
        return True
    if not code:
        raise CodeMissing
    return await accepts(tx, service, account, code)


async def forget(tx: Tx, account: Account) -> None:
    """Drop the second factor; the next sign-in enrols a new one where one is needed."""
    factor = await store.factor_of(tx, account.account_id)
    if factor is not None:
        await tx.session.delete(factor)
