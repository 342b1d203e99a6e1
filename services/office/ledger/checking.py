"""The whole ledger computed again: numbers without gaps, both chains, head, and the newest checkpoint's signature."""

from pydantic import BaseModel

from services.office.ledger import store
from services.office.ledger.actions import entry_json
from services.office.ledger.tables import Checkpoint
from shared.infra.database import Tx
from shared.infra.tickets import Verifier
from shared.kernel.chain import GENESIS, ledger_link, link

_BLOCK = 1000


class LedgerCheck(BaseModel):
    """How far the ledger was computed again, up to which checkpoint, and what did not hold (empty: everything did)."""

    entries: int
    checkpoint: int | None
    wrong: list[str]


async def check_ledger(tx: Tx, verifier: Verifier) -> LedgerCheck:
    """Compute the ledger again up to the head that it has now (it may go on meanwhile); the first broken link ends
    it."""
    checkpoint, size, chain = await store.newest_checkpoint(tx), 0, GENESIS
    head = (await store.head_of(tx)).number
    sources: dict[str, tuple[int, str]] = {}
    signed_head = GENESIS if checkpoint and checkpoint.size == 0 else None
    while block := await store.entries_from(tx, size + 1, min(_BLOCK, head - size)):
        for entry in block:
            number, own = sources.get(entry.source, (0, GENESIS))
            own, size = link(own, number + 1, entry.type, entry.digest), size + 1
            shown = entry_json(entry)
            stated = shown.pop("chain")
            chain = ledger_link(chain, shown)
            if (entry.index, entry.number) != (size, number + 1) or (own, chain) != (entry.source_chain, stated):
                return LedgerCheck(
                    entries=size - 1, checkpoint=None, wrong=[f"第 {entry.index} 条与之前的记录不衔接。"]
                )
            sources[entry.source] = (entry.number, own)
            if checkpoint and size == checkpoint.size:
                signed_head = chain
    wrong = [] if head == size else ["总账末端少了记录。"]
    wrong += _wrong_with(checkpoint, signed_head, verifier) if checkpoint else []
    return LedgerCheck(entries=size, checkpoint=checkpoint.size if checkpoint else None, wrong=wrong)


def _wrong_with(checkpoint: Checkpoint, head: str | None, verifier: Verifier) -> list[str]:
    """What is wrong with a checkpoint, given the chain value computed for its size."""
    body, _, signed = checkpoint.text.partition("\n\n")
    lines = body.split("\n")
    wrong = []
    if lines[1:3] != [str(checkpoint.size), checkpoint.head] or checkpoint.head != head:
        wrong.append("最新检查点说的不是这份总账。")
    if not verifier.signed(f"{body}\n".encode(), signed.strip().rsplit(" ", 1)[-1]):
        wrong.append("最新检查点的签名不成立。")
    return wrong
