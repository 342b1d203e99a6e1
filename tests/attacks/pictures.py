"""Pictures without measure, and two files in one."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.attacks.what import FOREIGN, Attack
from tests.evidence_files import (
    archive,
    picture,
    sound_files,
)
from tests.pdfs import pdf


def polyglots() -> Iterator[Attack]:
    inner = archive({"evil.js": "alert(1)"})
    behind = {"zip": inner, "exe": FOREIGN["exe"], "html": FOREIGN["html"], "php": FOREIGN["php"], "pdf": pdf()}
    for name, content in sound_files().items():
        for what, added in behind.items():
            yield Attack(f"{what} behind {name}", name, content + added)
        yield Attack(f"junk before {name}", name, b"<script>/*" + content)
    yield Attack("zip with the end of a PDF", "报告.pdf", pdf() + archive({"a": "b"}) + b"\n%%EOF\n")
    for mark in (b"<script>alert(1)</script>", b"<?php system('id'); ?>", b"%PDF-1.7\n", b"<html><body>"):
        yield Attack(f"comment {mark!r} in a JPEG", "图.jpg", _jpeg_with(mark))
        yield Attack(f"text {mark!r} in a PNG", "图.png", _png_with(b"tEXt", b"Comment\0" + mark))


def images() -> Iterator[Attack]:
    for width, height in ((100_000, 100_000), (50_001, 1000), (65_000, 65_000), (1, 2**31 - 1)):
        yield Attack(f"png: {width}×{height} claimed", "图.png", _png_of(width, height))
    for extension in ("jpg", "jpeg"):
        for width, height in ((65_000, 65_000), (10_000, 5_001)):
            yield Attack(f"{extension}: {width}×{height} claimed", f"图.{extension}", _jpeg_of(width, height))
        for start, end in ((b"\xff\xda", b""), (b"\xff\xc0", b"\xff\xd9")):
            content = picture("JPEG")
            yield Attack(f"{extension}: ends at {start!r}", f"图.{extension}", content[: content.index(start)] + end)
    broken = bytearray(picture("PNG"))
    broken[broken.index(b"IDAT") + 6] ^= 0xFF
    yield Attack("png: broken data", "图.png", bytes(broken))
    yield Attack("png: text bursts", "图.png", _png_with(b"zTXt", b"a\0\0" + zlib.compress(bytes(3 * 1024 * 1024))))
    yield Attack("png: animated", "图.png", _animated())
    yield Attack("png: no end", "图.png", picture("PNG")[:-12])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png_of(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _png_with(kind: bytes, content: bytes) -> bytes:
    made = picture("PNG")
    at = 8 + 12 + 13
    return made[:at] + _chunk(kind, content) + made[at:]


def _animated() -> bytes:
    written = io.BytesIO()
    frames = [Image.new("L", (8, 8), shade) for shade in (0, 255)]
    frames[0].save(written, "PNG", save_all=True, append_images=frames[1:])
    return written.getvalue()


def _jpeg_with(comment: bytes) -> bytes:
    made = picture("JPEG")
    return made[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + made[2:]


def _jpeg_of(width: int, height: int) -> bytes:
    made = bytearray(picture("JPEG"))
    at = made.index(b"\xff\xc0") + 5
    made[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(made)
