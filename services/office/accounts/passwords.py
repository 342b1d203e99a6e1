"""Passwords: argon2id through pwdlib, about 30 ms a check, in a thread so that nobody else waits."""

import asyncio
from collections.abc import Sequence

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# RFC 9106 and OWASP: 19 MiB, 2 passes, 1 lane is the least recommended that stays within our 30 ms.
_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


async def hash_password(password: str) -> str:
    """The hash to keep."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def fits(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one kept; with none kept the same time is spent on a hash of nothing."""
    if not password_hash:
        await hash_password(password)
        return False
    return await asyncio.to_thread(_HASHER.verify, password, password_hash)


async def fits_any(password: str, hashes: Sequence[str]) -> bool:
    """Whether a password is one of those kept."""
    for kept in hashes:
        if kept and await fits(password, kept):
            return True
    return False
