"""Pictures: what their header says is believed before anything is unpacked, then they are read to the end."""

import re
import struct
import zipfile
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from shared.infra.inspection.refused import Unsafe, damaged, two_in_one

MOST_PIXELS = 50_000_000
_FOREIGN = re.compile(
    rb"<\?php\s|<script[\s>]|<html[\s>]|<!doctype html|rar!\x1a\x07|7z\xbc\xaf\x27\x1c", re.IGNORECASE
)
_WHERE_PDF_MAY_BEGIN = 2048
_CHUNK_HEAD = struct.Struct(">I4s")
_LARGEST_CHUNK = 2**31 - 1


def check_image(file: BinaryIO, kind: str) -> None:
    """Refuse a picture that is broken, without measure, or more than a picture. ``kind``: PNG or JPEG."""
    content = file.read()
    end = _end_of_png(content) if kind == "PNG" else _end_of_jpeg(content)
    foreign = _FOREIGN.search(content) or b"%PDF-" in content[:_WHERE_PDF_MAY_BEGIN]
    if content[end:].strip(b"\0") or foreign or zipfile.is_zipfile(file):
        raise two_in_one()
    file.seek(0)
    _check_pixels(file, kind)


def _check_pixels(file: BinaryIO, kind: str) -> None:
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and its sentence too
    try:
        with Image.open(file, formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _too_many_pixels(picture.width, picture.height)
            if getattr(picture, "n_frames", 1) > 1 and kind == "PNG":
                raise Unsafe("type", "不接收动画图片。请另存为普通的 PNG 或 JPG 后再上传。")
            picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as trouble:
        raise damaged("图片") from trouble


def _too_many_pixels(width: int, height: int) -> Unsafe:
    return Unsafe("bomb", f"图片尺寸为 {width}×{height}，超过 5000 万像素。请降低分辨率后再上传。")


def _end_of_png(content: bytes) -> int:
    """Where the last chunk ends."""
    at = 8
    while at + 12 <= len(content):
        length: int
        kind: bytes
        length, kind = _CHUNK_HEAD.unpack_from(content, at)
        at += 12 + length
        if length > _LARGEST_CHUNK or at > len(content):
            break
        if kind == b"IEND":
            return at
    raise damaged("图片")


def _end_of_jpeg(content: bytes, at: int = 0) -> int:
    """Behind the end mark; segments are walked, within a scan the next mark is looked for."""
    at += 2
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise damaged("图片")
        mark = content[at + 1]
        if mark == 0xD9:
            # Behind a photo a telephone may put a second one, such as the map of its brightness.
            return _end_of_jpeg(content, at + 2) if content.startswith(b"\xff\xd8\xff", at + 2) else at + 2
        if mark == 0xFF:
            at += 1
        elif mark == 0 or mark == 0x01 or 0xD0 <= mark <= 0xD8:
            at += 2
        else:
            if at + 4 > len(content):
                raise damaged("图片")
            at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4], "big"))
