"""A small load generator over kept-alive connections: it must take little of the two cores it shares."""

import asyncio
import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Answers:
    """Statuses and seconds of each answer, in the order they came; ``seconds`` is the whole run."""

    statuses: list[int] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    seconds: float = 0.0

    def quantile(self, share: float) -> float:
        """Seconds that this share of the answers stayed within."""
        ordered = sorted(self.taken)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return sum(200 <= status < 300 for status in self.statuses) / self.seconds


class _Connection(asyncio.Protocol):
    """One kept-alive connection: one request at a time. The server closes it after some idle seconds."""

    lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.waiting: asyncio.Future[bytes] | None = None
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, mark, rest = self.received.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
        if len(rest) >= length and self.waiting is not None:
            whole, self.received = self.received, b""
            self.waiting.set_result(whole)

    def connection_lost(self, trouble: Exception | None) -> None:
        self.lost = True
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(trouble or ConnectionResetError("the server hung up"))

    async def ask(self, request: bytes) -> bytes:
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.waiting


async def _connect(port: int) -> _Connection:
    _transport, protocol = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
    return protocol


@contextmanager
def _without_collections() -> Iterator[None]:
    """Looking through all that pytest holds takes tenths of a second, in which every answer would seem late."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _note(answers: Answers, answer: bytes, begun: float) -> None:
    answers.statuses.append(int(answer[9:12]))
    answers.taken.append(time.perf_counter() - begun)
    answers.bodies.append(answer.partition(b"\r\n\r\n")[2])


async def as_fast_as_answered(port: int, requests: Sequence[bytes], connections: int) -> Answers:
    """Closed loop: each connection sends its next request when the last is answered."""
    answers, rest = Answers(), iter(requests)
    lines = await asyncio.gather(*(_connect(port) for _ in range(connections)))

    async def work(line: _Connection, rest: Iterator[bytes]) -> None:
        for request in rest:
            begun = time.perf_counter()
            _note(answers, await line.ask(request), begun)

    with _without_collections():
        begun = time.perf_counter()
        await asyncio.gather(*(work(line, rest) for line in lines))
    answers.seconds = time.perf_counter() - begun
    for line in lines:
        line.transport.close()
    return answers


async def at_instants(port: int, requests: Sequence[bytes], instants: Sequence[float]) -> Answers:
    """Open loop: request i leaves ``instants[i]`` seconds after the start, whatever else is unanswered."""
    answers, free = Answers(), [await _connect(port) for _ in range(64)]

    async def ask(request: bytes, due: float) -> None:
        while free and free[-1].lost:
            free.pop()
        line = free.pop() if free else await _connect(port)
        _note(answers, await line.ask(request), due)
        free.append(line)

    with _without_collections():
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as asked:
            # One after another: thousands of tasks made at the start would make the first of them late.
            for request, instant in zip(requests, instants, strict=True):
                await asyncio.sleep(begun + instant - time.perf_counter())
                asked.create_task(ask(request, begun + instant))
    answers.seconds = time.perf_counter() - begun
    for line in free:
        line.transport.close()
    return answers
