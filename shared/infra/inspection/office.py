"""Office files (DOCX, XLSX): a sound archive of measured size whose parts neither act, embed nor fetch anything."""

import re
import stat
import zipfile
import zlib
from typing import BinaryIO
from xml.parsers import expat

from shared.infra.inspection.office_parts import DoctypeFound, check_part, embedded, look_at
from shared.infra.inspection.refused import Unsafe, damaged, two_in_one, wrong_type

MOST_MEMBERS = 2000
MOST_UNPACKED = 500 * 1024 * 1024
MOST_RATIO = 100
_SMALL = 10 * 1024 * 1024
"""Members up to this size may be packed as tightly as they like: an empty sheet is mostly repetition."""
_CHUNK = 1024 * 1024
_KIND = "Office 文件"
_MAIN_PART = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
_BAD_PATH = re.compile(r"^/|^\w:|\\|(?:^|/)\.\.(?:/|$)|[\x00-\x1f]")
_ENCRYPTED = 0x1
_EMBEDDED = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"%PDF-",
    b"MZ",
    b"\x7fELF",
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"MSCF",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)


def check_office(file: BinaryIO, extension: str) -> None:
    """Refuse an archive that is broken, hides something, unpacks without measure, or whose parts act."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_directory(file, archive)
            names = {member.filename for member in archive.infolist()}
            if "[Content_Types].xml" not in names or _MAIN_PART[extension] not in names:
                raise wrong_type(extension)
            left = MOST_UNPACKED
            for member in archive.infolist():
                left -= _check_member(archive, member, left)
    except DoctypeFound as trouble:
        raise Unsafe("active", f"{_KIND}中有不应出现的实体声明。请用 Office 重新另存后再上传。") from trouble
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, expat.ExpatError) as trouble:
        raise damaged(_KIND) from trouble
    except (NotImplementedError, RuntimeError) as trouble:  # another packing method, or a password
        raise _encrypted() from trouble


def _check_directory(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """The list of members as it stands: count, sizes, names; nothing is unpacked yet."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise _bomb(f"文件数超过 {MOST_MEMBERS}")
    if archive.comment or min((one.header_offset for one in members), default=0) != 0 or not _ends_there(file, archive):
        raise two_in_one()
    names = [member.filename.lower() for member in members]
    if len(set(names)) != len(names):
        raise Unsafe("damaged", f"{_KIND}中有重名的部分。请用 Office 重新另存后再上传。")
    for member in members:
        _check_entry(member)
    unpacked, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
    if unpacked > MOST_UNPACKED or (unpacked > _SMALL and unpacked > MOST_RATIO * max(packed, 1)):
        raise _bomb("解压后过大")


def _ends_there(file: BinaryIO, archive: zipfile.ZipFile) -> bool:
    """Whether the end record (22 bytes without a comment) is the end of the file."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 22))
    return file.read(4) == b"PK\x05\x06" and archive.start_dir < size


def _check_entry(member: zipfile.ZipInfo) -> None:
    if _BAD_PATH.search(member.filename) or stat.S_ISLNK(member.external_attr >> 16):
        raise Unsafe("polyglot", f"{_KIND}中有指向文件之外的路径或链接。请用 Office 重新另存后再上传。")
    if member.flag_bits & _ENCRYPTED:
        raise _encrypted()
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise damaged(_KIND)
    if member.file_size > _SMALL and member.file_size > MOST_RATIO * max(member.compress_size, 1):
        raise _bomb("压缩比异常")


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """Unpack one member to its end (its checksum is compared) and look at it; returns its bytes."""
    look = look_at(member.filename)
    check_part(member.filename)
    taken, first = 0, True
    with archive.open(member) as unpacked:
        while chunk := unpacked.read(_CHUNK):
            if first and chunk.startswith(_EMBEDDED):
                raise embedded()
            first, taken = False, taken + len(chunk)
            if taken > left:
                raise _bomb("解压后过大")
            if look is not None:
                look.feed(chunk)
    if look is not None:
        look.close()
    return taken


def _bomb(what: str) -> Unsafe:
    return Unsafe("bomb", f"{_KIND}异常（{what}）。请删去不需要的内容，或另存为 PDF 后再上传。")


def _encrypted() -> Unsafe:
    return Unsafe("encrypted", f"{_KIND}设置了密码或使用了不支持的压缩方式。请去除密码重新另存后再上传。")
