"""Choosing ports that are free, below the range the kernel hands to outgoing connections.

A port of that range could be taken by any client between two starts, even by a client of ours that
is trying to reach the very server that is down. A stack that starts claims its ports before its servers
take them: two that start together would otherwise choose the same one.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from deploy.stack.names import PORT_NAMES
from deploy.stack.refusal import StackRefusal

_LOWEST: Final = 20_000
_HIGHEST: Final = 32_000

_claims: Final[dict[int, int]] = {}
"""The ports that this process claimed, each by the descriptor of a socket that is closed when the process ends."""


def is_free(port: int) -> bool:
    """Whether nothing listens on `port` of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(fixed: Mapping[str, int]) -> dict[str, int]:
    """A port for every name: the fixed ones as given, the others free ones."""
    refuse_unknown(fixed)
    candidates = _candidates(set(fixed.values()))
    return {name: fixed[name] if name in fixed else next(candidates) for name in PORT_NAMES}


def rechoose(ports: Mapping[str, int], fixed: Collection[str]) -> dict[str, int]:
    """The same ports, claimed for this process, but those taken meanwhile replaced; a taken fixed one is refused."""
    taken = {name for name, port in ports.items() if not _is_ours(port)}
    for name in sorted(taken & set(fixed)):
        raise StackRefusal(f"Port {ports[name]} ({name}) is taken by another program: end it or set another.")
    candidates = filter(_is_ours, _candidates(set(ports.values())))
    return {name: next(candidates) if name in taken else port for name, port in ports.items()}


def free_port() -> int:
    """Another free port, claimed for this process until it ends: for a server beside a stack."""
    return next(filter(_is_ours, _candidates(set(_claims))))


def _is_ours(port: int) -> bool:
    """Whether `port` is free and claimed by this process, which claims it now if nobody did."""
    return _claim(port) and is_free(port)


def _claim(port: int) -> bool:
    """Claim `port` among stacks: one socket of that abstract name can exist on a machine."""
    if port in _claims:
        return True
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0fangbang-port-{port}")
    except OSError:
        claim.close()
        return False
    _claims[port] = claim.detach()
    return True


def refuse_unknown(names: Collection[str]) -> None:
    """Refuse a port name that the stack does not have."""
    for name in names:
        if name not in PORT_NAMES:
            raise StackRefusal(f"There is no port named {name!r}; there are: {', '.join(PORT_NAMES)}.")


def _candidates(avoid: set[int]) -> Iterator[int]:
    order = list(range(_LOWEST, _HIGHEST))
    random.shuffle(order)
    for port in order:
        if port not in avoid and is_free(port):
            yield port
    raise StackRefusal(f"No free port is left between {_LOWEST} and {_HIGHEST}: end some programs.")
