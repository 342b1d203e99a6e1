"""PDF: opens without a password, says where it ends, and holds nothing that acts or hides."""

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf

from shared.infra.inspection import MOST_PAGES
from shared.infra.inspection.refused import Unsafe, damaged, two_in_one

MOST_OBJECTS = 1_000_000
_HEAD = re.compile(rb"%PDF-\d")
_END = b"%%EOF"
_TAIL = 4096
_ACTIVE = frozenset({"/JavaScript", "/JS", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie", "/XFA"})
_EMBEDDED = frozenset({"/EmbeddedFile", "/EmbeddedFiles", "/EF", "/RichMedia", "/GoToE", "/3D", "/U3D"})
_OUTSIDE = frozenset({"/GoToR"})
_NAMES_KEYS = _ACTIVE | _EMBEDDED
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_REPAIRED = re.compile("damaged|reconstruct")
_RAW = re.compile(rb"/(JavaScript|Launch|ImportData|SubmitForm|EmbeddedFiles?|RichMedia|GoToE)\b")


def check_pdf(file: BinaryIO) -> int:
    """The number of pages; refuses what is encrypted, broken, acting, or carries other files."""
    _check_ends(file)
    try:
        with pikepdf.open(file, suppress_warnings=True) as document:
            if document.is_encrypted:
                raise _encrypted()
            pages = len(document.pages)
            if not 1 <= pages <= MOST_PAGES or len(document.objects) > MOST_OBJECTS:
                raise damaged("PDF 文件")
            for found in _dictionaries(document):
                _check_dictionary(found)
            if any(_REPAIRED.search(warning) for warning in document.get_warnings()):
                _check_raw(file)
    except pikepdf.PasswordError as locked:
        raise _encrypted() from locked
    except (pikepdf.PdfError, ValueError, RecursionError) as trouble:
        raise damaged("PDF 文件") from trouble
    return pages


def _check_ends(file: BinaryIO) -> None:
    """The end mark is the end: what lies behind it would be another file to another program."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0:
        raise damaged("PDF 文件")
    if tail[at + len(_END) :].strip(b"\r\n\t \0") or zipfile.is_zipfile(file):
        raise two_in_one()
    file.seek(0)
    if len(_HEAD.findall(file.read())) > 1:
        raise two_in_one()
    file.seek(0)


def _dictionaries(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary of every object, streams' own included, wherever it is nested."""
    waiting = list(document.objects)
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            waiting += [each for _, each in one.items() if _is_direct(each)]
        elif isinstance(one, pikepdf.Array):
            waiting += [each for each in one if _is_direct(each)]


def _is_direct(value: object) -> bool:
    """Indirect objects are in the document's own list already."""
    return isinstance(value, pikepdf.Object) and not value.is_indirect


def _check_dictionary(found: pikepdf.Object) -> None:
    kinds = {str(found[key]) for key in ("/S", "/Type", "/Subtype") if isinstance(found.get(key), pikepdf.Name)}
    words = kinds | set(found.keys())
    if words & _ACTIVE:
        raise _active()
    if words & _EMBEDDED:
        raise _embedded()
    if kinds & _OUTSIDE:
        raise Unsafe("external", "PDF 文件中有指向其他文件的链接。请用“打印为 PDF”重新生成后再上传。")


def _check_raw(file: BinaryIO) -> None:
    """A file that had to be repaired may be read in another way by another program: no such word anywhere in it."""
    file.seek(0)
    content = file.read()
    found = _RAW.search(_ESCAPED.sub(lambda sign: bytes([int(sign[1], 16)]), content))
    if found:
        raise _embedded() if found[1].startswith((b"Embedded", b"Rich", b"GoToE")) else _active()


def _encrypted() -> Unsafe:
    return Unsafe("encrypted", "PDF 文件设置了密码或加密，办公室和专家无法查看。请去除密码或“打印为 PDF”后再上传。")


def _active() -> Unsafe:
    return Unsafe("active", "PDF 文件中有脚本、启动程序或提交数据的动作。请用“打印为 PDF”重新生成后再上传。")


def _embedded() -> Unsafe:
    return Unsafe("embedded", "PDF 文件中嵌入了其他文件或多媒体。请去除附件，把需要的附件单独上传。")
