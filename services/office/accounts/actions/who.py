"""Who acts in a transaction."""

from dataclasses import replace
from uuid import UUID

from services.office.accounts.tables import Account
from shared.infra.database import Tx


def person_of(tx: Tx) -> UUID:
    """The signed-in person of this act."""
    if tx.actor.account_id is None:
        raise ValueError("this is a person's act")
    return tx.actor.account_id


def acting_as(tx: Tx, account: Account) -> None:
    """From here on the transaction's actor is the account that has just proved itself."""
    tx.actor = replace(tx.actor, account_id=account.account_id, roles=frozenset(account.roles))
