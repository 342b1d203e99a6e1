"""Which files are evidence: allow-list by extension and content, size limit, quota of a case."""

import io
import zipfile
from collections.abc import Collection

from shared.kernel.refusals import Refusal, TooLarge

LARGEST = 8 * 1024 * 1024
MOST_FILES = 60
MOST_BYTES = 200 * 1024 * 1024
MOST_MEMBERS = 2000

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_MAGIC = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "xlsx": b"PK\x03\x04",
    "docx": b"PK\x03\x04",
}
_MAIN_PART = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}


class WrongType(Refusal):
    """Not one of the file types that can be kept as evidence, or not what its name says."""

    def __init__(self, message: str) -> None:
        super().__init__("evidence_type", message, field="name")


def check_announced(name: str, size: int) -> str:
    """The media type of a file about to be uploaded; refuses a wrong extension, an empty or an oversize file."""
    extension = extension_of(name)
    if extension not in MEDIA_TYPES:
        raise WrongType("只接收 pdf、png、jpg、xlsx、docx 文件。")
    check_size(size)
    return MEDIA_TYPES[extension]


def check_size(size: int) -> None:
    """Refuse an empty file and one above 8 MiB."""
    if size < 1:
        raise Refusal("evidence_empty", "文件是空的。", field="size")
    if size > LARGEST:
        raise TooLarge("evidence_too_large", f"单个文件不得超过8 MB，此文件为{size / 1048576:.1f} MB。", field="size")


def check_quota(sizes: Collection[int], size: int) -> None:
    """Refuse one file too many, or too many bytes in all."""
    if len(sizes) >= MOST_FILES:
        raise Refusal("evidence_quota", f"每案至多{MOST_FILES}个文件。", field="name")
    if sum(sizes) + size > MOST_BYTES:
        raise TooLarge("evidence_quota", "每案全部文件合计不得超过200 MB。", field="size")


def check_content(name: str, content: bytes) -> None:
    """Refuse content that is not what the extension says, and office files with macros."""
    extension = extension_of(name)
    if not content.startswith(_MAGIC.get(extension, b"\x00never")):
        raise WrongType(f"文件内容与扩展名“{extension}”不符。")
    if extension in _MAIN_PART:
        _check_office_file(extension, content)


def extension_of(name: str) -> str:
    """The extension in small letters, without the dot; empty when there is none."""
    return name.rsplit(".", 1)[1].lower() if "." in name else ""


def _check_office_file(extension: str, content: bytes) -> None:
    """Only the directory of the archive is read; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.namelist()
    except zipfile.BadZipFile as trouble:
        raise WrongType("文件已损坏，无法打开。") from trouble
    if len(members) > MOST_MEMBERS or "[Content_Types].xml" not in members or _MAIN_PART[extension] not in members:
        raise WrongType(f"文件内容与扩展名“{extension}”不符。")
    if any(member.lower().endswith("vbaproject.bin") for member in members):
        raise WrongType("不接收带宏的文件。")
