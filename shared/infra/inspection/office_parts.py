"""The parts of an Office file, read as a stream: declarations, relationships, fields and formulas."""

import re
from collections.abc import Mapping
from typing import Protocol
from xml.parsers import expat

from shared.infra.inspection.refused import Unsafe

_KIND = "Office 文件"
_ACTING_PATH = re.compile(
    r"vbaproject|vbadata|/activex/|/macrosheets/|/dialogsheets/|/ctrlprops/|\.bin\.exe$", re.IGNORECASE
)
_EMBEDDED_PATH = re.compile(r"/embeddings/|oleobject", re.IGNORECASE)
_OUTSIDE_PATH = re.compile(r"/externallinks/|/querytables/|^xl/connections\.xml$|/webextensions/", re.IGNORECASE)
_ACTING_TYPE = re.compile(
    r"macroenabled|vbaproject|activex|macrosheet|dialogsheet|attachedtoolbars|/control$", re.IGNORECASE
)
_EMBEDDED_TYPE = re.compile(r"oleobject|/package$", re.IGNORECASE)
_OUTSIDE_TYPE = re.compile(
    r"externallink|attachedtemplate|subdocument|/frame$|connections$|altchunk|/afchunk", re.IGNORECASE
)
_PLAIN_LINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
_DDE_FIELD = re.compile(r"\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK)\b", re.IGNORECASE)
_DDE_FORMULA = re.compile(r"\|\s*'?[^!<]*'?\s*!")
_SHEET = re.compile(r"^xl/worksheets/[^/]+\.xml$", re.IGNORECASE)


class DoctypeFound(Exception):
    """An XML part declares a document type: no Office program writes one, and entities live there."""


class Look(Protocol):
    """What reads a part as it is unpacked."""

    def feed(self, chunk: bytes) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


def check_part(path: str) -> None:
    """Refuse a part by its place in the archive."""
    if _ACTING_PATH.search(path):
        raise _active()
    if _EMBEDDED_PATH.search(path):
        raise embedded()
    if _OUTSIDE_PATH.search(path):
        raise _outside()


def look_at(path: str) -> Look | None:
    """What reads this part; None for one that is no XML."""
    lowered = path.lower()
    if lowered == "[content_types].xml":
        return Xml(starts=_check_declared)
    if lowered.endswith(".rels"):
        return Xml(starts=_check_relationship)
    if lowered.startswith("word/") and lowered.endswith(".xml"):
        return WordPart()
    if _SHEET.search(path) or lowered == "xl/workbook.xml":
        return Formulas()
    return Xml() if lowered.endswith((".xml", ".vml")) else None


class Xml:
    """Well-formed, without a document type; ``starts`` looks at each element's local name and attributes."""

    def __init__(self, starts: "Starts | None" = None) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        if starts is not None:
            self.parser.StartElementHandler = lambda name, attributes: starts(_local(name), attributes)

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the part."""
        self.parser.Parse(chunk, False)

    def close(self) -> None:
        """The part is over."""
        self.parser.Parse(b"", True)


class Starts(Protocol):
    """Looks at one element."""

    def __call__(self, name: str, attributes: Mapping[str, str]) -> None: ...  # noqa: D102


class WordPart(Xml):
    """A part of a document: field instructions may be cut into pieces, so they are read as one text."""

    def __init__(self) -> None:
        super().__init__(starts=self._start)
        self.parser.EndElementHandler = self._end
        self.instructions: list[str] = []

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "instrText":
            self.parser.CharacterDataHandler = self.instructions.append
        elif name == "fldSimple":
            self.instructions += [value for key, value in attributes.items() if _local(key) == "instr"]
            self.instructions.append(" ")
        elif name == "fldChar":
            self.instructions.append(" ")
        elif name in ("altChunk", "subDoc"):
            raise _outside()
        elif name in ("object", "OLEObject", "control"):
            raise embedded()

    def _end(self, name: str) -> None:
        if _local(name) == "instrText":
            self.parser.CharacterDataHandler = None

    def close(self) -> None:
        """The part is over: what do its fields ask for?"""
        super().close()
        if _DDE_FIELD.search("".join(self.instructions)):
            raise _outside()


class Formulas(Xml):
    """A sheet or the workbook: only what is inside formulas and defined names is read as text."""

    def __init__(self) -> None:
        super().__init__(starts=self._start)
        self.parser.EndElementHandler = self._end
        self.parser.buffer_text = True
        self.text: list[str] = []

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in ("f", "definedName"):
            self.parser.CharacterDataHandler = self.text.append
        elif name in ("oleObjects", "controls"):
            raise embedded()
        elif name in ("ddeLink", "externalReference"):
            raise _outside()

    def _end(self, name: str) -> None:
        if self.parser.CharacterDataHandler is not None:
            self.parser.CharacterDataHandler = None
            if _DDE_FORMULA.search("".join(self.text)):
                raise _outside()
            self.text.clear()


def _refuse_doctype(*_declared: object) -> None:
    raise DoctypeFound


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _check_declared(name: str, attributes: Mapping[str, str]) -> None:
    declared = attributes.get("ContentType", "")
    if _ACTING_TYPE.search(declared):
        raise _active()
    if _EMBEDDED_TYPE.search(declared):
        raise embedded()


def _check_relationship(name: str, attributes: Mapping[str, str]) -> None:
    kind, target = attributes.get("Type", ""), attributes.get("Target", "")
    if _ACTING_TYPE.search(kind):
        raise _active()
    if _EMBEDDED_TYPE.search(kind):
        raise embedded()
    outside = attributes.get("TargetMode") == "External"
    if _OUTSIDE_TYPE.search(kind) or (outside and not (kind.endswith("/hyperlink") and _PLAIN_LINK.match(target))):
        raise _outside()


def _active() -> Unsafe:
    return Unsafe("active", f"{_KIND}带有宏或控件。请另存为不带宏的 .docx、.xlsx，或另存为 PDF 后再上传。")


def embedded() -> Unsafe:
    """Another file lies inside."""
    return Unsafe("embedded", f"{_KIND}中嵌入了其他文件或对象。请移除嵌入的对象（或另存为 PDF），需要的附件单独上传。")


def _outside() -> Unsafe:
    return Unsafe(
        "external",
        f"{_KIND}引用了外部数据或文件（外部链接、数据连接、域）。请断开链接并转为数值后再上传。",
    )
