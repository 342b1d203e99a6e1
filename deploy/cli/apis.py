"""`fangbang apis`: the contracts as documents: OpenAPI of each service, AsyncAPI of the facts."""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from deploy.asyncapi import asyncapi
from deploy.declared import parts_of, unconnected_service
from deploy.stack.names import SERVICES
from shared.web.process import build_app, interests_of


def apis(folder: Path) -> None:
    """Write `<service>.openapi.json` and `facts.asyncapi.json` into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        path = folder / name
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
        print(path)


def documents() -> dict[str, dict[str, Any]]:
    """File name → document, for all services and the facts; needs no server."""
    written: dict[str, dict[str, Any]] = {}
    wanted = []
    with tempfile.TemporaryDirectory() as keys:
        for name in SERVICES:
            parts, service = parts_of(name), unconnected_service(name, Path(keys))
            written[f"{name}.openapi.json"] = build_app(parts, service).openapi()
            wanted.append(interests_of(parts, service))
    written["facts.asyncapi.json"] = asyncapi(wanted, _version())
    return written


def _version() -> str:
    try:
        return version("fangbang")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"
