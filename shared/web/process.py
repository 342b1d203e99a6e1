"""A service process: its roles, composed from what the service declares in ``__main__``.

Start: check the environment, connect, then web, worker, consumers, relay and sweeper side by side.
Stop (SIGTERM, 30 s at most): no new requests, finish those in flight, stop consumers, worker, relay, drain, close.
"""

import asyncio
import contextlib
import functools
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from nats.aio.client import Client as NatsClient
from sqlalchemy import MetaData, text
from temporalio.client import Client

from shared.infra.conformance import require_evidence_store, require_migrated, require_profile
from shared.infra.everywhere import Minimum, listen_everywhere
from shared.infra.killpoints import arm
from shared.infra.messaging import (
    Consumer,
    Interests,
    WrongEnvironment,
    ask_only_while_connected,
    build_broker,
    connect_nats,
    ensure_consumers,
    ensure_stream,
    pending,
    require_sync_always,
    watch_for_stalls,
)
from shared.infra.migrating import migrate
from shared.infra.relay import Relay
from shared.infra.rulebooks import install_rulebooks
from shared.infra.service import Service, build_service
from shared.infra.settings import Settings
from shared.infra.sweeper import run_sweeper
from shared.infra.telemetry import log, set_up_logs
from shared.infra.temporal import TraceInterceptor, activities_of, build_worker, connect_temporal
from shared.web.answers import ToldFaults, install_answers
from shared.web.audit import install_audit
from shared.web.listing import Listing
from shared.web.openapi import describe, refusals
from shared.web.operations import install_operations
from shared.web.pulse import install_pulse
from shared.web.siblings import end_with_first_process, keep_sibling, listening_socket
from shared.web.tracing import Tracing

ROLES = ("web", "worker", "consumer", "relay", "sweeper", "migrate", "all")
KEPT_ALIVE_SECONDS = 150
"""How long an idle connection stays: longer than the server in front keeps it (2 minutes), so that it is never the one
that closes a connection on which the other is just sending."""

_log = log(__name__)


@dataclass
class Parts:
    """What a service declares of itself.

    ``activities``: makes the holder of the activities; ``interests``: makes the consumers; ``on_migrate``: seeds
    after migration; ``on_start``: background coroutines of the service's own; ``checks_evidence``: run the
    S3 evidence suite at start (the owner of evidence).
    """

    name: str
    metadata: MetaData
    migrations: Path
    routers: Sequence[APIRouter] = ()
    workflows: Sequence[type] = ()
    activities: Callable[[Service], object] | None = None
    interests: Callable[[Service], Interests] | None = None
    minimum: Minimum = field(default=lambda _stage: None)
    install: Callable[[FastAPI, Service], None] | None = None
    on_migrate: Callable[[Service], Awaitable[None]] | None = None
    on_start: Sequence[Callable[[Service], Awaitable[None]]] = ()
    checks_evidence: bool = False


def build_app(parts: Parts, service: Service) -> FastAPI:
    """The FastAPI application of a service, without connections to NATS or Temporal."""
    app = FastAPI(
        title=f"Fangbang {parts.name}",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"/api/{parts.name}/openapi.json",
        responses=refusals(),
    )
    describe(app)
    app.state.service = service
    app.state.readiness = {"database": lambda: _ask_database(service)}
    app.state.inbox_depth = _nothing_waits
    app.state.temporal = None
    app.state.interests = interests_of(parts, service)
    install_answers(app, parts.name)
    install_pulse(app, parts.name)
    install_operations(app, parts.name)
    install_audit(app, parts.name)
    if parts.install is not None:
        parts.install(app, service)
    for router in parts.routers:
        app.include_router(router)

    app.add_middleware(Listing)
    app.add_middleware(Tracing, service=parts.name)
    return app


def interests_of(parts: Parts, service: Service) -> Interests:
    """Everything a service takes in: its own, and what every service takes in alike."""
    interests = parts.interests(service) if parts.interests else Interests(parts.name)
    listen_everywhere(interests, service.files, parts.minimum)
    return interests


async def _ask_database(service: Service) -> None:
    async with service.database.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def _nothing_waits() -> int:
    return 0


class Process:
    """One running service process with some or all roles."""

    def __init__(self, parts: Parts, settings: Settings, roles: frozenset[str]) -> None:
        self.parts = parts
        self.settings = settings
        self.roles = roles
        self.service = build_service(settings)
        self.trace = TraceInterceptor(self.service.running)
        self.stop = asyncio.Event()
        self.consumers: list[Consumer] = []

    async def run(self) -> None:
        """Check, connect, run until SIGTERM, stop in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)
        await self._check()
        connection = await connect_nats(self.settings.nats_url, f"{self.parts.name}-relay")
        await ensure_stream(connection.jetstream())
        temporal = await connect_temporal(self.settings.temporal_address, self.settings.temporal_namespace, self.trace)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.service.database.close)
            stack.push_async_callback(connection.drain)
            await self._start_loops(stack, connection, temporal)
            await self._start_consumers(stack, connection)
            await self._start_worker(stack)
            await self._start_web(stack, connection, temporal)
            spare_what_stays()
            _log.info("started", roles=sorted(self.roles))
            await self.stop.wait()
            _log.info("stopping")

    def _has(self, role: str) -> bool:
        return role in self.roles or "all" in self.roles

    async def _check(self) -> None:
        await require_migrated(self.service.database, self.parts.migrations)
        await require_profile(self.service.database, self.settings.profile)
        await require_sync_always(self.settings.nats_monitor_url)
        if self.parts.checks_evidence:
            await require_evidence_store(self.service.files, self.settings)

    async def _start_loops(self, stack: contextlib.AsyncExitStack, connection: NatsClient, temporal: Client) -> None:
        loops: list[Awaitable[None]] = []
        if self._has("relay"):
            loops.append(Relay(self.service.database, connection.jetstream(), temporal, self.service.files).run())
        if self._has("sweeper"):
            loops.append(_again(lambda: run_sweeper(self.service.database)))
        if self._has("sweeper"):
            loops += [_again(functools.partial(begin, self.service)) for begin in self.parts.on_start]
        for loop in loops:
            self._background(stack, loop)

    async def _start_consumers(self, stack: contextlib.AsyncExitStack, connection: NatsClient) -> None:
        if not self._has("consumer"):
            return
        interests = interests_of(self.parts, self.service)
        await ensure_consumers(connection.jetstream(), interests)
        broker, self.consumers = build_broker(self.settings.nats_url, self.parts.name, interests, self.service.database)
        await broker.start()
        stack.push_async_callback(broker.stop)
        await ask_only_while_connected(broker)

        async def rebuild() -> None:
            for subscriber in broker.subscribers:
                await subscriber.stop()
                await subscriber.start()
            await ask_only_while_connected(broker)

        jetstream = connection.jetstream()
        self._background(stack, _again(lambda: watch_for_stalls(jetstream, self.consumers, rebuild)))

    async def _start_worker(self, stack: contextlib.AsyncExitStack) -> None:
        if not self._has("worker") or not self.parts.workflows:
            return
        holder = self.parts.activities(self.service) if self.parts.activities else None
        holders = holder if isinstance(holder, tuple) else (holder,)
        workflows, activities = self.parts.workflows, activities_of(*(one for one in holders if one is not None))

        async def work() -> None:
            address, namespace = self.settings.temporal_address, self.settings.temporal_namespace
            client = await connect_temporal(address, namespace, self.trace, lazy=False)
            worker = build_worker(client, self.parts.name, workflows, activities)
            running = asyncio.create_task(worker.run())
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                await worker.shutdown()
                await running
                raise

        self._background(stack, _again(work))

    async def _start_web(self, stack: contextlib.AsyncExitStack, connection: NatsClient, temporal: Client) -> None:
        if not self._has("web"):
            return
        app = build_app(self.parts, self.service)
        app.state.readiness |= {
            "migrations": lambda: require_migrated(self.service.database, self.parts.migrations),
            "nats": connection.flush,
            "temporal": temporal.service_client.check_health,
            "s3": lambda: self.service.files.size("dossiers", "readiness"),
        }
        app.state.nats = connection
        app.state.temporal = temporal
        app.state.inbox_depth = lambda: self._inbox_depth(connection)
        config = uvicorn.Config(
            ToldFaults(app),
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEPT_ALIVE_SECONDS,
            timeout_graceful_shutdown=20,
            server_header=False,
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        server.capture_signals = contextlib.nullcontext  # type: ignore[assignment]
        listening = listening_socket(
            self.settings.http_host,
            self.settings.http_port,
            several=self.settings.web_processes > 1,
            sibling=self.settings.web_sibling,
        )
        task = asyncio.create_task(server.serve([listening]))

        async def stop() -> None:
            server.should_exit = True
            await task

        stack.push_async_callback(stop)
        task.add_done_callback(lambda _task: self.stop.set())
        self._start_siblings(stack)

    def _start_siblings(self, stack: contextlib.AsyncExitStack) -> None:
        if self.settings.web_sibling:
            end_with_first_process(self.stop.set)
            return
        for _ in range(self.settings.web_processes - 1):
            self._background(stack, keep_sibling())

    async def _inbox_depth(self, connection: NatsClient) -> int:
        jetstream = connection.jetstream()
        return sum(await asyncio.gather(*(pending(jetstream, consumer.name) for consumer in self.consumers)))

    def _background(self, stack: contextlib.AsyncExitStack, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)

        async def stop() -> None:
            # A part that turns its cancellation into an error of its own begins anew: it is told again.
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=1.0)

        stack.push_async_callback(stop)


def spare_what_stays() -> None:
    """Take what was loaded at start out of garbage collection: looking through it again costs tenths of a second."""
    gc.collect()
    gc.freeze()


async def _again(work: Callable[[], Awaitable[None]]) -> None:
    """Run a background part for ever; an outage is logged and the part begins anew after a pause."""
    while True:
        try:
            await work()
        except Exception as trouble:  # noqa: BLE001 - seen in the log, begun anew
            _log.warning("part_begins_anew", error=repr(trouble)[:500])
        await asyncio.sleep(1.0)


async def _seed(parts: Parts, settings: Settings) -> None:
    service = build_service(settings)
    try:
        if parts.on_migrate is not None:
            await parts.on_migrate(service)
    finally:
        await service.database.close()


def main(parts: Parts) -> None:
    """Entry of ``python -m services.<name> <role>…``; ``migrate`` comes before all others, alone it ends there."""
    roles = frozenset(sys.argv[1:] or ("all",))
    if unknown := roles - set(ROLES):
        sys.exit(f"unknown role {', '.join(sorted(unknown))}; roles are {', '.join(ROLES)}")
    set_up_logs(parts.name)
    settings = Settings(service=parts.name)  # the rest comes from the environment
    if settings.rulebooks_dir is not None:
        install_rulebooks(settings.rulebooks_dir)
    if "migrate" in roles:
        migrate(settings, parts.migrations, parts.metadata)
        asyncio.run(_seed(parts, settings))
    if not (running := roles - {"migrate"}):
        return
    if settings.kill_dir is not None:
        arm(settings.kill_dir, parts.name)
    try:
        uvloop.run(_run(parts, settings, running))
    except WrongEnvironment as trouble:
        sys.exit(f"{parts.name} does not start: {trouble}")


async def _run(parts: Parts, settings: Settings, roles: frozenset[str]) -> None:
    await Process(parts, settings, roles).run()
