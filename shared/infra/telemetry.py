"""Logs, metrics and the trace id that runs through HTTP → fact → workflow. No personal data in any of them."""

import logging
from contextvars import ContextVar

import structlog
from prometheus_client import Counter, Gauge, Histogram

current_trace: ContextVar[str] = ContextVar("current_trace", default="")

OUTBOX_UNSENT = Gauge("fangbang_outbox_unsent", "Rows waiting to leave", ["service", "target"])
FACTS_SENT = Counter("fangbang_facts_sent", "Facts published", ["service"])
FACTS_TAKEN = Counter("fangbang_facts_taken", "Facts whose effect is committed", ["service", "consumer"])
FACTS_RETRIED = Counter("fangbang_facts_retried", "Deliveries that failed and come again", ["service", "consumer"])
DEAD_LETTERS = Counter("fangbang_dead_letters", "Messages set aside", ["service", "consumer"])
COMMANDS_SENT = Counter("fangbang_commands_sent", "Workflow starts and nudges", ["service"])
AUDIT_NUMBERED = Counter("fangbang_audit_numbered", "Audit rows numbered and chained", ["service"])
REFUSALS = Counter("fangbang_refusals", "Requests refused by a rule", ["service", "code"])
REQUESTS = Histogram("fangbang_request_seconds", "Time of a request", ["service", "method", "status"])


def set_up_logs(service: str) -> None:
    """JSON lines on standard error; every line names the service and the trace."""

    def add_place(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        if trace := current_trace.get():
            event["trace"] = trace
        return event

    structlog.configure(
        processors=[
            add_place,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    logging.basicConfig(level=logging.WARNING, format=f"%(asctime)s {service} %(levelname)s %(name)s %(message)s")


def log(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that carries its module's name."""
    return structlog.get_logger(module=name)  # type: ignore[no-any-return]
