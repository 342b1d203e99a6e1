"""Archives that burst, lie or escape."""

import io
import struct
import warnings
import zipfile
from collections.abc import Iterator

from tests.attacks.what import KINDS, Attack
from tests.evidence_files import (
    archive,
)


def archives() -> Iterator[Attack]:
    for extension, (make, parts) in KINDS.items():
        name, zeros = f"报告.{extension}", bytes(12 * 1024 * 1024)
        for path in ("../evil.xml", "/etc/passwd", "C:/evil.xml", "word/../../evil.xml", "word\\evil.xml", "a\nb.xml"):
            yield Attack(f"{extension}: path {path!r}", name, make({path: "<a/>"}))
        yield Attack(f"{extension}: one member bursts", name, make({"media/zeros.bin": zeros}))
        yield Attack(
            f"{extension}: part bursts", name, make({"docProps/app.xml": b"<a>" + b" " * 12_000_000 + b"</a>"})
        )
        many = {f"media/{number}": bytes(9 * 1024 * 1024) for number in range(3)}
        yield Attack(f"{extension}: together they burst", name, make(many))
        yield Attack(f"{extension}: too many members", name, make({f"media/{number}": b"" for number in range(2000)}))
        yield Attack(f"{extension}: same name twice", name, _twice(parts()))
        yield Attack(f"{extension}: same name in other letters", name, make({"[CONTENT_TYPES].xml": "<a/>"}))
        yield Attack(f"{extension}: link", name, _with_link(parts()))
        yield Attack(f"{extension}: password", name, _flagged(make()))
        yield Attack(f"{extension}: comment", name, _commented(make()))
        for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            yield Attack(f"{extension}: packed by {method}", name, archive(parts(), method))
        yield Attack(f"{extension}: says less than it holds", name, _lying(make()))
        yield Attack(f"{extension}: wrong checksum", name, _lying(make(), 16))
        for missing in ("[Content_Types].xml", "word/document.xml" if extension == "docx" else "xl/workbook.xml"):
            left = {part: content for part, content in parts().items() if part != missing}
            yield Attack(f"{extension}: without {missing}", name, archive(left))
        yield Attack(f"{extension}: no archive", name, b"PK\x03\x04 broken")


def _twice(parts: dict[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in (*parts.items(), ("[Content_Types].xml", "<evil/>")):
            packed.writestr(name, content)
    return written.getvalue()


def _with_link(parts: dict[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
        link = zipfile.ZipInfo("media/link.png")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    return written.getvalue()


def _flagged(content: bytes) -> bytes:
    """The first member says it is encrypted, in its own head and in the directory."""
    at = content.index(b"PK\x01\x02")
    made = bytearray(content)
    made[6] |= 1
    made[at + 8] |= 1
    return bytes(made)


def _commented(content: bytes) -> bytes:
    return content[:-2] + struct.pack("<H", 5) + b"%%EOF"


def _lying(content: bytes, field: int = 24) -> bytes:
    """The directory gives the first member a smaller size (24) or another checksum (16)."""
    at = content.index(b"PK\x01\x02") + field
    made = bytearray(content)
    made[at : at + 4] = struct.pack("<I", 3)
    return bytes(made)
