"""PDF files that act, hide or are locked."""

import io
from collections.abc import Iterator, Mapping

import pikepdf

from tests.attacks.what import FOREIGN, Attack
from tests.pdfs import pdf


def pdfs() -> Iterator[Attack]:
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
