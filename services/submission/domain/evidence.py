"""What may be announced as evidence: types, sizes, quota of a case, and how a large file is cut into parts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from shared.kernel.file_names import check_name, extension_of
from shared.kernel.refusals import Refusal, TooLarge

MIB = 1024 * 1024
IN_ONE = 8 * MIB
"""Up to this many bytes a file is sent in one form; above it in parts of this size."""
LARGEST = 50 * MIB
MOST_PREVIEWS = 10
MOST_FILES = 60
MOST_BYTES = 500 * MIB

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class WrongType(Refusal):
    """Not one of the file types that can be kept as evidence, or not what its name says."""

    def __init__(self, message: str) -> None:
        super().__init__("evidence_type", message, field="name")


def check_announced(name: str, size: int) -> str:
    """The media type of a file about to be uploaded; refuses a wrong extension, an empty or an oversize file."""
    check_name(name)
    extension = extension_of(name)
    if extension not in MEDIA_TYPES:
        raise WrongType("只接收 PDF、PNG、JPG、XLSX、DOCX 文件。其他格式请先另存为 PDF 再上传。")
    check_size(size)
    return MEDIA_TYPES[extension]


def check_in_one(name: str, size: int) -> None:
    """Refuse what cannot be sent with a plain form: as ``check_announced``, and above 8 MiB."""
    if in_parts(size):
        raise TooLarge(
            "evidence_too_large",
            "不使用脚本的浏览器一次至多上传 8 MB。更大的文件（至多 50 MB）请启用脚本后分段上传，或压缩、拆分后再上传。",
            field="size",
        )
    check_announced(name, size)


def check_size(size: int) -> None:
    """Refuse an empty file and one above 50 MiB."""
    if size < 1:
        raise Refusal("evidence_empty", "文件是空的，请检查后重新选择。", field="size")
    if size > LARGEST:
        raise TooLarge(
            "evidence_too_large",
            f"单个文件不得超过 50 MB，此文件为 {_megabytes(size)} MB。请压缩图片或拆成几个文件后再上传。",
            field="size",
        )


def _megabytes(size: int) -> str:
    """With one place, rounded up: what is over a limit of whole megabytes is seen to be."""
    whole, tenth = divmod(-(-size * 10 // MIB), 10)
    return f"{whole}.{tenth}"


def check_quota(sizes: Collection[int], size: int) -> None:
    """Refuse one file too many, or too many bytes in all."""
    if len(sizes) >= MOST_FILES:
        raise Refusal(
            "evidence_quota", f"每案至多 {MOST_FILES} 个文件。请合并文件，或移除不需要的再上传。", field="name"
        )
    if sum(sizes) + size > MOST_BYTES:
        raise TooLarge("evidence_quota", "每案全部文件（含旧版本）合计不得超过 500 MB。请压缩后再上传。", field="size")


def check_page(page: int | None, pages: int | None) -> None:
    """Refuse a page that a file does not have; of a file without pages any number may be named."""
    if page is not None and pages is not None and page > pages:
        raise Refusal("evidence_page", f"文件共 {pages} 页，没有第 {page} 页。请更正“所在页”。", field="page")


def in_parts(size: int) -> bool:
    """Whether a file of so many bytes is sent in parts."""
    return size > IN_ONE


def part_sizes(size: int) -> dict[int, int]:
    """The parts of a large file: number from 1 → bytes; all of 8 MiB but the last."""
    whole, rest = divmod(size, IN_ONE)
    parts = dict.fromkeys(range(1, whole + 1), IN_ONE)
    return parts | {whole + 1: rest} if rest else parts


def missing_parts(size: int, there: Mapping[int, int]) -> dict[int, int]:
    """The parts still to come, by number; one that came in another size than agreed is asked for again."""
    return {number: wanted for number, wanted in part_sizes(size).items() if there.get(number) != wanted}


def previewed(name: str, pages: int | None) -> int:
    """How many pages of a file are shown as pictures: the first ones of a PDF, a picture itself, no table or text."""
    extension = extension_of(name)
    if extension == "pdf":
        return min(pages or 0, MOST_PREVIEWS)
    return 1 if extension in ("png", "jpg", "jpeg") else 0


class Edition(Protocol):
    """A file that may be the next edition of another."""

    evidence_id: UUID
    replaces: UUID | None


File = TypeVar("File", bound=Edition)


def in_editions(files: Sequence[File]) -> list[File]:
    """Files in their order, each followed by the editions before it."""
    by_id = {one.evidence_id: one for one in files}
    former = {one.replaces for one in files}
    ordered: list[File] = []
    for newest in (one for one in files if one.evidence_id not in former):
        one: File | None = newest
        while one is not None:
            ordered.append(one)
            one = by_id.get(one.replaces) if one.replaces else None
    return ordered
