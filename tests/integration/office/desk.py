"""Somebody before office's pages, with a browser that runs no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx

from tests.integration.office.neighbours import Office
from tests.integration.servers import TLS


class Desk:
    """A signed-in browser: pages are read, forms are sent with the hidden fields of the page last read."""

    def __init__(self, client: httpx.Client, office: Office, login: str) -> None:
        self.client = client
        office.half_minute_passed(login)
        asked = client.post("/account/sign-in", data={"login": login, "password": office.password, "next": "/account"})
        if asked.url.path == "/account/code":
            asked = client.post("/account/code", data={"code": office.code(login), "next": "/account"})
        assert asked.url.path == "/account", asked.text[-500:]
        self.csrf = hidden(asked.text, "csrf")

    def get(self, path: str, **params: Any) -> httpx.Response:
        """A page."""
        return self.client.get(path, params=params or None)

    def send(self, path: str, files: dict[str, Any] | None = None, **fields: Any) -> httpx.Response:
        """A form, under a fresh key."""
        return self.client.post(path, data={"csrf": self.csrf, "key": uuid4().hex, **fields}, files=files)


@contextmanager
def desk(office: Office, login: str) -> Iterator[Desk]:
    """Somebody signed in at office's pages."""
    options: dict[str, Any] = {"headers": {"Accept": "text/html"}, "follow_redirects": True, "timeout": 20}
    with httpx.Client(base_url=office.client.base_url, verify=TLS, **options) as client:
        yield Desk(client, office, login)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found[1]
