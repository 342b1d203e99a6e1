"""What an attack is, and what it is made of."""

from dataclasses import dataclass

from tests.evidence_files import (
    docx,
    docx_parts,
    xlsx,
    xlsx_parts,
)

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
EXTENSIONS = ("pdf", "png", "jpg", "jpeg", "docx", "xlsx")
FOREIGN = {
    "exe": b"MZ\x90\x00" + b"\0" * 200,
    "elf": b"\x7fELF\x02\x01\x01" + b"\0" * 200,
    "script": b"#!/bin/sh\nrm -rf /\n",
    "html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "rar": b"Rar!\x1a\x07\x01\x00" + b"\0" * 100,
    "7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 100,
    "gz": b"\x1f\x8b\x08\x00" + b"\0" * 100,
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "gif": b"GIF89a" + b"\0" * 100,
    "rtf": b"{\\rtf1 \\object}",
    "lnk": b"L\x00\x00\x00\x01\x14\x02\x00" + b"\0" * 100,
    "php": b"<?php system($_GET['c']); ?>",
    "eicar": EICAR,
    "zeros": b"\0" * 4096,
}
KINDS = {"docx": (docx, docx_parts), "xlsx": (xlsx, xlsx_parts)}


@dataclass(frozen=True)
class Attack:
    """A malicious upload: what it tries, its file name, its bytes."""

    trick: str
    name: str
    content: bytes
