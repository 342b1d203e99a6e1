"""Ids from their parts: the caller brings time and randomness."""

from uuid import UUID, uuid5

NAMESPACE = UUID("6f9d3c0e-6f2b-5a7e-9a55-0f6d9b1a7c11")


def uuid7(unix_ms: int, random_bits: int) -> UUID:
    """RFC 9562 version 7: 48 bits of milliseconds, then 74 random bits (the lower ones of ``random_bits``)."""
    high = (unix_ms & (1 << 48) - 1) << 16 | 0x7000 | (random_bits >> 62 & 0xFFF)
    low = 0b10 << 62 | random_bits & (1 << 62) - 1
    return UUID(int=high << 64 | low)


def derived_id(*parts: object) -> UUID:
    """The one id that follows from its parts; the same parts always give the same id."""
    return uuid5(NAMESPACE, "/".join(str(part) for part in parts))
