"""The ledger goes into a category's bundle, with a checkpoint of exactly that size."""

import asyncio
import json
from uuid import UUID, uuid4

import nats
from minio import Minio

from deploy.stack import Stack
from shared.contracts.facts import BundleWanted, Envelope, PartDeposited
from shared.kernel.canonical import digest_bytes
from shared.kernel.chain import GENESIS, ledger_link
from tests.integration.office.neighbours import Office, publish
from tests.integration.servers import ServiceProcess, eventually


def deposited(stack: Stack, category: UUID) -> PartDeposited | None:
    """The part that office has deposited for a category, read from the stream."""

    async def read() -> PartDeposited | None:
        connection = await nats.connect(stack.settings_for("publication")["FANGBANG_NATS_URL"])
        try:
            found = await connection.jetstream().get_last_msg("FACTS", "office.part.deposited.v1")
        except nats.js.errors.NotFoundError:
            return None
        finally:
            await connection.close()
        part = PartDeposited.model_validate(Envelope.model_validate_json(found.data or b"").fact)
        return part if part.category_id == category else None

    return asyncio.run(read())


def test_a_wanted_bundle_gets_the_ledger(office: Office, stack: Stack, process: ServiceProcess) -> None:
    cycle = office.open_cycle("卷宗包", "little-giant-performance")
    category = UUID(cycle["categories"][0]["category_id"])
    known = cycle["rulebook_digest"]
    in_ledger = lambda: known in {one["public"] for one in entries(office)}  # noqa: E731
    eventually(in_ledger, "the opening is not in the ledger")

    publish(stack, "publication", BundleWanted(cycle_id=cycle["cycle_id"], category_id=category, list_digest=known))
    eventually(lambda: deposited(stack, category) is not None, "no part was deposited")
    part = deposited(stack, category)
    assert part is not None
    eventually(lambda: stored(process, part.digest), "the part is not in S3")

    body = dossier(process, part.digest)
    ledger = json.loads(body)
    chain = GENESIS
    for entry in ledger["entries"]:
        stated = entry.pop("chain")
        chain = ledger_link(chain, entry)
        assert chain == stated
    size, head = ledger["checkpoint"].splitlines()[1:3]
    assert (part.source, part.audience, part.name) == ("office", "public", "ledger.json")
    assert digest_bytes(body) == part.digest
    assert (int(size), head) == (len(ledger["entries"]), chain)


def test_a_list_that_is_not_in_the_ledger_gets_no_bundle(office: Office, stack: Stack) -> None:
    category = uuid4()

    publish(stack, "publication", BundleWanted(category_id=category, list_digest="c" * 64))
    office.open_cycle("无卷宗包", "little-giant-performance")

    assert deposited(stack, category) is None


def entries(office: Office) -> list[dict[str, str]]:
    """The newest entries of the ledger."""
    size = office.get("auditor1", "/api/office/ledger/checkpoint").json()["size"]
    first = max(1, size - 400)
    found: list[dict[str, str]] = office.get(
        "auditor1", "/api/office/ledger/entries", params={"from": first, "limit": 1000}
    ).json()
    return found


def client(process: ServiceProcess) -> Minio:
    settings = process.settings()
    return Minio(
        settings.s3_endpoint,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        secure=False,
        region="us-east-1",
    )


def stored(process: ServiceProcess, digest: str) -> bool:
    return any(client(process).list_objects("dossiers", prefix=f"office/{digest}"))


def dossier(process: ServiceProcess, digest: str) -> bytes:
    answer = client(process).get_object("dossiers", f"office/{digest}.json")
    try:
        return bytes(answer.read())
    finally:
        answer.close()
        answer.release_conn()
