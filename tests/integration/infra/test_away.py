"""A consumer while NATS is away for long: it asks for nothing, and goes on when NATS is back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import urlsplit

import pytest

from deploy.stack import Stack
from deploy.stack.ports import free_port
from shared.contracts.facts import PartDeposited
from shared.infra.database import Database, Tx
from shared.infra.messaging import (
    FETCH_SECONDS,
    Interests,
    ask_only_while_connected,
    build_broker,
    connect_nats,
    ensure_consumers,
)
from tests.integration.infra.test_nervous_system import shout
from tests.integration.servers import People, ServiceProcess

A_QUESTION = 100
"""Bytes in the client's buffer; a question for facts takes more."""


class Way:
    """The way to a server, which can be closed: whoever came by it is cut off, and nobody comes by it."""

    def __init__(self, to: int) -> None:
        self.to, self.port = to, free_port()
        self.open_ends: list[asyncio.StreamWriter] = []
        self.server: asyncio.Server | None = None

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def close(self) -> None:
        assert self.server is not None
        self.server.close()
        for end in self.open_ends:
            end.close()
        self.open_ends.clear()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        self.open_ends += [writer, far_writer]
        await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            return


@pytest.fixture(scope="module")
def echo(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(stack, "review", "tests.integration.infra.echo", tmp_path_factory.mktemp("away") / "log")
    process.start("migrate", "web", "relay")
    yield process
    process.stop()


@pytest.fixture
async def way(echo: ServiceProcess) -> AsyncIterator[Way]:
    port = urlsplit(echo.settings().nats_url).port
    assert port is not None
    made = Way(port)
    await made.open()
    yield made
    await made.close()


async def test_while_nats_is_away_nothing_is_asked_and_afterwards_nothing_is_missed(
    echo: ServiceProcess, people: People, way: Way
) -> None:
    settings, heard = echo.settings(), asyncio.Queue[str]()
    interests = Interests("review")

    @interests.on("away", PartDeposited, source="review")
    async def hear(_tx: Tx, fact: PartDeposited) -> None:
        heard.put_nowait(fact.name)

    direct = await connect_nats(settings.nats_url, "review-away")
    await ensure_consumers(direct.jetstream(), interests)
    await direct.close()
    database = Database(settings.database_url, "review")
    url = settings.nats_url.replace(f":{way.to}", f":{way.port}")
    broker, _consumers = build_broker(url, "review", interests, database)
    await broker.start()
    await ask_only_while_connected(broker)
    connection = await broker.connect()
    try:
        with people.client(echo.origin, "enterprise") as client:
            await asyncio.to_thread(shout, client, "before")
            await _heard(heard, "before")

            await way.close()
            await _until(lambda: not connection.is_connected)
            before = connection.pending_data_size
            await asyncio.to_thread(shout, client, "meanwhile")
            await asyncio.sleep(3 * FETCH_SECONDS)
            assert connection.pending_data_size - before < A_QUESTION

            await way.open()
            await _heard(heard, "meanwhile")
    finally:
        await broker.stop()
        await database.close()


async def _heard(heard: asyncio.Queue[str], word: str) -> None:
    async with asyncio.timeout(60):
        while await heard.get() != word:
            pass


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.02)
