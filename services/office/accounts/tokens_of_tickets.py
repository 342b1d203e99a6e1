"""The signed one-use token of a confirmed ticket, and the address that carries it to the page of its act."""

from urllib.parse import urlencode, urlsplit

from fastapi import Request

from services.office.accounts.actions.tickets import signed_content
from services.office.accounts.cookies import service_of
from services.office.accounts.tables import TicketRequest


def sign(request: Request, row: TicketRequest) -> str:
    """The signed one-use token of a confirmed ticket."""
    signer = service_of(request).signer
    if signer is None:
        raise RuntimeError("office signs tickets: set FANGBANG_TOKEN_PRIVATE_KEY")
    return signer.ticket(signed_content(row))


def carries(way_on: str) -> bool:
    """Whether the page of the act needs the token in its address; office's own pages know their tickets."""
    return not way_on.startswith("/office/")


def with_token(way_on: str, token: str) -> str:
    """The page's address with the token."""
    parts = urlsplit(way_on)
    query = "&".join(part for part in (parts.query, urlencode({"ticket": token})) if part)
    return parts._replace(query=query).geturl()
