"""Temporal: the dev server on a file in WAL mode, with its pages for operators."""

from __future__ import annotations

from deploy.stack import probes
from deploy.stack.birth import Birth
from deploy.stack.layout import DataDir
from deploy.stack.part import Part
from deploy.stack.servers.binaries import program


def part(data: DataDir, birth: Birth) -> Part:
    """The Temporal server of this stack."""
    folder = data.of("temporal")
    folder.mkdir(exist_ok=True)
    flags = {
        "--db-filename": folder / "temporal.db",
        "--sqlite-pragma": "journal_mode=WAL",
        "--ip": "127.0.0.1",
        "--port": birth.port("temporal"),
        "--http-port": birth.port("temporal_http"),
        "--ui-port": birth.port("temporal_ui"),
        "--metrics-port": birth.port("temporal_metrics"),
        "--log-level": "warn",
    }
    arguments = [str(word) for flag in flags.items() for word in flag]
    return Part(
        name="temporal",
        command=(program("temporal"), "server", "start-dev", *arguments, "--ui-disable-news-fetch"),
        port=birth.port("temporal"),
        env={"HOME": str(folder)},
        disposable=folder,
        ready=probes.answers(birth.port("temporal_http"), "/api/v1/namespaces/default"),
    )
