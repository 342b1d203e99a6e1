"""NATS JetStream: the stream's shape, the connection, and consumers that never lose a fact.

FastStream subscribes (durable pull consumers, one message a fetch, ``MANUAL`` acknowledgement); the acknowledging is
ours: ack after commit, nak with a growing delay, after ``TRIES`` a dead-letter row in PostgreSQL.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.request import urlopen
from uuid import UUID

import nats
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.aio.client import Client as NatsClient
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy as ServerAck
from nats.js.api import ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError
from sqlalchemy.dialects.postgresql import insert as pg_insert

from shared.contracts.facts import Envelope, Fact
from shared.contracts.names import STREAM, STREAM_SUBJECTS
from shared.infra.clocks import new_id
from shared.infra.database import Database, Tx
from shared.infra.killpoints import reach
from shared.infra.tables import DeadLetter, Inbox
from shared.infra.telemetry import DEAD_LETTERS, FACTS_RETRIED, FACTS_TAKEN, current_trace, log

TRIES = 8
LONGEST_DELAY = 300.0
FETCH_SECONDS = 1.5
AWAY_SECONDS = 0.2
STALL_SECONDS = 30.0
MAX_AGE_SECONDS = 90 * 24 * 3600
DEDUP_SECONDS = 24 * 3600
ACK_SECONDS = 15
"""After so long without an ack a fact comes again: what a killed process held is not waited for longer. A handler that
takes longer meets its own inbox row and changes nothing twice."""

AnyFact = TypeVar("AnyFact", bound=Fact)
Handler = Callable[[Tx, Any], Awaitable[None]]
_log = log(__name__)


class WrongEnvironment(Exception):
    """The servers are not as they must be; the sentence says what to do."""


def stream_config(replicas: int = 1) -> StreamConfig:
    """The one stream: file storage, limits retention, dedup window of a day."""
    return StreamConfig(
        name=STREAM,
        subjects=list(STREAM_SUBJECTS),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=MAX_AGE_SECONDS,
        duplicate_window=DEDUP_SECONDS,
        num_replicas=replicas,
    )


async def connect_nats(url: str, name: str) -> NatsClient:
    """Connect for ever: endless reconnect, a ping every 15 seconds."""
    return await nats.connect(
        url, name=name, max_reconnect_attempts=-1, reconnect_time_wait=0.5, ping_interval=15, drain_timeout=25
    )


async def ensure_stream(jetstream: JetStreamContext) -> None:
    """Create the stream if there is none; refuse one of another shape."""
    wanted = stream_config()
    try:
        found = (await jetstream.stream_info(STREAM)).config
    except NotFoundError:
        await jetstream.add_stream(wanted)
        return
    for name in ("retention", "storage", "num_replicas", "max_age", "duplicate_window"):
        if getattr(found, name) != getattr(wanted, name) and name != "num_replicas":
            raise WrongEnvironment(
                f"stream {STREAM} has {name}={getattr(found, name)}, needed is {getattr(wanted, name)}:"
                " delete the stream and run `fangbang rebuild`"
            )
    if set(found.subjects or ()) != set(STREAM_SUBJECTS):
        raise WrongEnvironment(f"stream {STREAM} has other subjects: delete the stream and run `fangbang rebuild`")


async def require_sync_always(monitor_url: str | None) -> None:
    """Refuse a server that acknowledges before it has written to disk."""
    if monitor_url is None:
        raise WrongEnvironment("set FANGBANG_NATS_MONITOR_URL: without it sync_interval cannot be checked")

    def read() -> dict[str, Any]:
        with urlopen(f"{monitor_url}/jsz", timeout=5) as answer:  # noqa: S310 - an operator's own loopback address
            body: dict[str, Any] = json.load(answer)
            return body

    config = (await asyncio.to_thread(read)).get("config", {})
    if not config.get("sync_always"):
        raise WrongEnvironment(
            "NATS acknowledges before it writes to disk: set `sync_interval: always` in its jetstream block"
        )


@dataclass(frozen=True)
class Interest:
    """One fact a service takes in, and what it does then."""

    purpose: str
    fact: type[Fact]
    subject: str
    handler: Handler


class Interests:
    """What a service consumes. Handlers get an open transaction and the parsed fact."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.all: list[Interest] = []

    def on(
        self, purpose: str, fact: type[AnyFact], *, source: str = "*"
    ) -> Callable[[Callable[[Tx, AnyFact], Awaitable[None]]], Callable[[Tx, AnyFact], Awaitable[None]]]:
        """Register a handler under the durable consumer ``<service>-<purpose>``."""

        def register(handler: Callable[[Tx, AnyFact], Awaitable[None]]) -> Callable[[Tx, AnyFact], Awaitable[None]]:
            self.all.append(Interest(purpose, fact, fact.subject.format(source=source), handler))
            return handler

        return register

    def purposes(self) -> dict[str, list[Interest]]:
        """Interests by purpose."""
        found: dict[str, list[Interest]] = {}
        for interest in self.all:
            found.setdefault(interest.purpose, []).append(interest)
        return found


class Consumer:
    """Takes in the facts of one purpose: inbox row and effect in one transaction, then the ack."""

    def __init__(self, name: str, interests: list[Interest], database: Database) -> None:
        self.name = name
        self.interests = interests
        self.database = database
        self.progress = 0

    async def receive(self, message: NatsMessage) -> None:
        """Take one message in; whatever goes wrong, it comes again later or is set aside whole."""
        try:
            await self.take_in(message.body)
        except Exception as trouble:  # noqa: BLE001 - every failure is redelivered or set aside
            await self._failed(message, trouble)
        else:
            await message.ack()
        self.progress += 1

    async def take_in(self, body: bytes) -> None:
        """Parse, deduplicate, apply: all in one transaction."""
        envelope = Envelope.model_validate_json(body)
        token = current_trace.set(envelope.trace)
        try:
            async with self.database.transaction(cause=envelope.id, trace=envelope.trace) as tx:
                if await first_time(tx, self.name, envelope.id):
                    for interest in self.interests:
                        if matches(interest.subject, envelope.subject):
                            await interest.handler(tx, interest.fact.model_validate(envelope.fact))
                    reach("consumer.before_commit")
            reach("consumer.after_commit")
        finally:
            current_trace.reset(token)
        FACTS_TAKEN.labels(self.database.service, self.name).inc()

    async def _failed(self, message: NatsMessage, trouble: Exception) -> None:
        deliveries = message.raw_message.metadata.num_delivered
        _log.warning("fact_failed", consumer=self.name, deliveries=deliveries, error=repr(trouble)[:500])
        if deliveries < TRIES:
            FACTS_RETRIED.labels(self.database.service, self.name).inc()
            await message.nack(delay=delay_after(deliveries))
            return
        await self._set_aside(message, repr(trouble), deliveries)
        await message.ack()

    async def _set_aside(self, message: NatsMessage, error: str, deliveries: int) -> None:
        headers = message.raw_message.headers or {}
        async with self.database.transaction() as tx:
            tx.session.add(
                DeadLetter(
                    id=new_id(),
                    consumer=self.name,
                    subject=message.raw_message.subject,
                    message_id=headers.get("Nats-Msg-Id"),
                    payload=message.body,
                    error=error[:4000],
                    deliveries=deliveries,
                    set_aside_at=tx.system_now,
                )
            )
        DEAD_LETTERS.labels(self.database.service, self.name).inc()


def delay_after(deliveries: int) -> float:
    """Seconds until a failed fact comes again: growing, with jitter."""
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, guards nothing
    return float(min(0.25 * 2.0 ** (deliveries - 1), LONGEST_DELAY) * jitter)


async def first_time(tx: Tx, consumer: str, fact_id: UUID) -> bool:
    """Write the inbox row; False when this consumer has had the effect of this fact already."""
    written = await tx.session.execute(
        pg_insert(Inbox)
        .values(consumer=consumer, fact_id=fact_id, received_at=tx.system_now)
        .on_conflict_do_nothing()
        .returning(Inbox.fact_id)  # type: ignore[call-overload]
    )
    return written.one_or_none() is not None


def matches(pattern: str, subject: str) -> bool:
    """Whether a subject fits a pattern with ``*`` for one word."""
    wanted, given = pattern.split("."), subject.split(".")
    return len(wanted) == len(given) and all(a in ("*", b) for a, b in zip(wanted, given, strict=True))


async def raw(message: NatsMessage) -> bytes:
    """FastStream decoder that leaves the bytes alone: parsing belongs inside our failure handling."""
    return message.body


def consumer_config(name: str, wanted: list[Interest]) -> ConsumerConfig:
    """A durable pull consumer: explicit acks, unlimited deliveries (we count and set aside ourselves)."""
    return ConsumerConfig(
        durable_name=name,
        filter_subjects=sorted({interest.subject for interest in wanted}),
        ack_policy=ServerAck.EXPLICIT,
        ack_wait=ACK_SECONDS,
        max_deliver=-1,
    )


async def ensure_consumers(jetstream: JetStreamContext, interests: Interests) -> None:
    """Create the durable consumers, or bring their subjects up to date; subscribing alone would keep old ones."""
    for purpose, wanted in interests.purposes().items():
        name = f"{interests.service}-{purpose}"
        await jetstream.add_consumer(STREAM, consumer_config(name, wanted))


def build_broker(url: str, service: str, interests: Interests, database: Database) -> tuple[NatsBroker, list[Consumer]]:
    """A FastStream broker with one durable pull subscriber a purpose."""
    broker = NatsBroker(
        url,
        name=service,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=15,
        graceful_timeout=25,
        ack_policy=AckPolicy.MANUAL,
        decoder=raw,
        logger=None,
    )
    consumers = []
    for purpose, wanted in interests.purposes().items():
        consumer = Consumer(f"{service}-{purpose}", wanted, database)
        consumers.append(consumer)
        subscriber = broker.subscriber(
            stream=JStream(STREAM, declare=False),
            durable=consumer.name,
            config=consumer_config(consumer.name, wanted),
            pull_sub=PullSub(batch_size=1, timeout=FETCH_SECONDS),
        )
        subscriber(_handler(consumer))
    return broker, consumers


def _handler(consumer: Consumer) -> Callable[[NatsMessage], Awaitable[None]]:
    async def handle(message: NatsMessage) -> None:
        await consumer.receive(message)

    return handle


async def ask_only_while_connected(broker: NatsBroker) -> None:
    """Have each subscription wait, before it asks for facts, until NATS is there.

    While NATS is away the client would keep every question in its buffer; when that is full, in three quarters of an
    hour, each fails at once, and FastStream begins a failed one again at once and remembers it for ever.
    """
    connection = await broker.connect()
    for subscriber in broker.subscribers:
        subscription = getattr(subscriber, "subscription", None)
        if isinstance(subscription, JetStreamContext.PullSubscription):
            subscription.fetch = _waiting(connection, subscription.fetch)  # type: ignore[method-assign]


def _waiting(
    connection: NatsClient, fetch: Callable[..., Awaitable[list[Msg]]]
) -> Callable[..., Coroutine[None, None, list[Msg]]]:
    async def wait_and_fetch(*args: Any, **options: Any) -> list[Msg]:
        while not connection.is_connected:
            await asyncio.sleep(AWAY_SECONDS)
        return await fetch(*args, **options)

    return wait_and_fetch


async def watch_for_stalls(
    jetstream: JetStreamContext, consumers: list[Consumer], rebuild: Callable[[], Awaitable[None]]
) -> None:
    """Rebuild the subscriptions when one makes no progress for 30 s although facts wait for it."""
    seen: dict[str, tuple[int, float]] = {}
    while True:
        await asyncio.sleep(STALL_SECONDS / 3)
        now = asyncio.get_running_loop().time()
        for consumer in consumers:
            progress, since = seen.get(consumer.name, (-1, now))
            waiting = await pending(jetstream, consumer.name)
            if not waiting or progress != consumer.progress:
                seen[consumer.name] = (consumer.progress, now)
            elif now - since >= STALL_SECONDS:
                _log.warning("consumer_stalled", consumer=consumer.name, waiting=waiting)
                seen[consumer.name] = (consumer.progress, now)
                await rebuild()


async def pending(jetstream: JetStreamContext, durable: str) -> int:
    """Facts that a consumer has not had yet, delivered ones without ack included."""
    try:
        info = await jetstream.consumer_info(STREAM, durable)
    except (NotFoundError, TimeoutError, nats.errors.Error):
        return 0
    return int(info.num_pending or 0) + int(info.num_ack_pending or 0)
