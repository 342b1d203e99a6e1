"""What a file must be to be kept: what its name says, sound, and without anything that acts or hides."""

from typing import BinaryIO

from shared.infra.inspection.refused import Unsafe, wrong_type
from shared.kernel.file_names import extension_of

MOST_PAGES = 3000
_MAGIC = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "xlsx": b"PK\x03\x04",
    "docx": b"PK\x03\x04",
}
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def inspect(name: str, file: BinaryIO) -> int | None:
    """The number of pages of a file that may be kept, None where it has none.

    Raises:
        Refusal: it may not; the sentence says why and what to do.
    """
    extension = extension_of(name)
    head = file.read(8)
    if extension in ("docx", "xlsx") and head == _COMPOUND:
        raise Unsafe(
            "encrypted",
            "文件设置了打开密码，或是旧格式的 Office 文件。请去除密码，另存为新格式或 PDF 后再上传。",
        )
    if extension not in _MAGIC or not head.startswith(_MAGIC[extension]):
        raise wrong_type(extension)
    file.seek(0)
    # Each process looks at one file, so each type's library is loaded only where it is needed.
    if extension == "pdf":
        from shared.infra.inspection.pdf import check_pdf

        return check_pdf(file)
    if extension in ("docx", "xlsx"):
        from shared.infra.inspection.office import check_office

        check_office(file, extension)
        return None
    from shared.infra.inspection.images import check_image

    check_image(file, "PNG" if extension == "png" else "JPEG")
    return None
