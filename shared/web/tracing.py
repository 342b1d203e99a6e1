"""One id for each request, in its answer and in everything it does; how long the request took."""

from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.infra.clocks import new_id
from shared.infra.telemetry import REQUESTS, current_trace
from shared.web.arrival import note_arrival


class Tracing:
    """ASGI middleware: notes arrival, sets the trace, answers ``X-Trace`` and, unless told otherwise, ``no-store``."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under an id of its own."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        note_arrival(scope["headers"])
        trace, begun, status = str(new_id()), perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Trace"] = trace
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        current_trace.set(trace)  # each request has a context of its own: a fault's page still quotes the trace
        try:
            await self.app(scope, receive, answer)
        finally:
            REQUESTS.labels(self.service, scope["method"], str(status)).observe(perf_counter() - begun)
