"""An import from the upload to its end: kept under its digest, tried out, taken over whole or not at all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tables import ImportFile
from shared.infra.workbook_rows import CellFault, Sheet, SheetColumn, SheetRow, read_rows, with_reasons
from shared.kernel.canonical import digest_bytes
from shared.kernel.refusals import Conflict, FieldProblem, NotFound, Refusal
from shared.web.rights import BOUND, may, require

_SHOWN = 20
Values = Mapping[str, object]


@dataclass(frozen=True)
class Prepared:
    """An import ready for rows: the template's title and columns, how a row is taken over, where audit rows belong."""

    title: str
    columns: tuple[SheetColumn, ...]
    take_over: Callable[[Tx, Values, str], Awaitable[object]]
    place: Mapping[str, UUID]


@dataclass(frozen=True)
class ImportKind:
    """A kind of import, and by whom (``act`` of the rights table); ``after``: what happens to the rows, for people.

    ``prepare`` refuses a place where there is nothing to import.
    """

    key: str
    title: str
    act: str
    after: str
    prepare: Callable[[Tx, UUID], Awaitable[Prepared]]


Kinds = Mapping[str, ImportKind]


def kind_of(kinds: Kinds, key: str) -> ImportKind:
    """The kind of that key; refused when there is none."""
    found = kinds.get(key)
    if found is None:
        raise Refusal("unknown_import", "没有这一类导入。", field="kind")
    return found


@dataclass(frozen=True)
class Tried:
    """An import as it would end now: its sheet, and what is wrong with which row."""

    file: ImportFile
    kind: ImportKind
    prepared: Prepared
    sheet: Sheet
    faults: tuple[CellFault, ...]

    @property
    def good(self) -> list[SheetRow]:
        """The rows with nothing wrong."""
        wrong = {fault.row for fault in self.faults}
        return [row for row in self.sheet.rows if row.number not in wrong]


async def upload_import(tx: Tx, kinds: Kinds, key: str, place: UUID, name: str, content: bytes) -> ImportFile:
    """Keep a filled template; the same file for the same place again is the one that is known."""
    kind = kind_of(kinds, key)
    require(tx.actor, kind.act)
    read_rows(content, (await kind.prepare(tx, place)).columns)
    digest = digest_bytes(content)
    await tx.lock("import", key, place, digest)
    query = select(ImportFile).where(
        col(ImportFile.kind) == key, col(ImportFile.place) == place, col(ImportFile.digest) == digest
    )
    known = (await tx.session.exec(query)).one_or_none()
    if known is not None:
        return known
    file = ImportFile(
        import_id=new_id(),
        kind=key,
        place=place,
        digest=digest,
        name=name.strip()[:120] or "导入.xlsx",
        content=content,
        uploaded_at=tx.now,
        uploaded_by=tx.actor.account_id,
    )
    tx.session.add(file)
    await tx.audit("import.uploaded", kind=key, place=place, digest=digest)
    return file


def _own_only(tx: Tx) -> bool:
    """Whether the actor sees only what they uploaded themselves."""
    return not tx.actor.roles - BOUND.get("import.make", frozenset())


async def import_of(tx: Tx, kinds: Kinds, import_id: UUID, *, update: bool = False) -> ImportFile:
    """An import that the actor may see; any other is not there."""
    query = select(ImportFile).where(col(ImportFile.import_id) == import_id)
    if update:
        query = query.with_for_update()
    file = (await tx.session.exec(query)).one_or_none()
    if file is None or file.kind not in kinds or not may(tx.actor, kinds[file.kind].act):
        raise NotFound
    if _own_only(tx) and file.uploaded_by != tx.actor.account_id:
        raise NotFound
    return file


async def imports_seen(tx: Tx, kinds: Kinds) -> Sequence[ImportFile]:
    """The newest imports that the actor may see."""
    allowed = [key for key, kind in kinds.items() if may(tx.actor, kind.act)]
    query = select(ImportFile).where(col(ImportFile.kind).in_(allowed))
    if _own_only(tx):
        query = query.where(col(ImportFile.uploaded_by) == tx.actor.account_id)
    return (await tx.session.exec(query.order_by(col(ImportFile.uploaded_at).desc()).limit(50))).all()


async def try_import(tx: Tx, kinds: Kinds, import_id: UUID) -> Tried:
    """What would happen: every row is taken over for a trial, and all of it is undone."""
    file = await import_of(tx, kinds, import_id)
    trial = await tx.session.begin_nested()
    try:
        return await _taken_over(tx, kinds, file)
    finally:
        await trial.rollback()


async def _taken_over(tx: Tx, kinds: Kinds, file: ImportFile) -> Tried:
    """Take all rows over in their order; a refused row is undone alone and its refusal kept."""
    kind = kind_of(kinds, file.kind)
    prepared = await kind.prepare(tx, file.place)
    sheet = read_rows(file.content, prepared.columns)
    source = f"导入：{file.name}"
    faults = list(sheet.faults)
    wrong = {fault.row for fault in faults}
    for row in sheet.rows:
        if row.number in wrong:
            continue
        attempt = await tx.session.begin_nested()
        try:
            await prepared.take_over(tx, row.values, source)
            await attempt.commit()
        except Refusal as refusal:
            await attempt.rollback()
            faults += _faults(row.number, refusal)
    return Tried(file, kind, prepared, sheet, tuple(sorted(faults, key=lambda one: one.row)))


def _faults(number: int, refusal: Refusal) -> list[CellFault]:
    problems = refusal.problems or (FieldProblem(refusal.field or "", refusal.code, refusal.message),)
    return [CellFault(number, problem.field or None, problem.message) for problem in problems]


async def commit_import(tx: Tx, kinds: Kinds, import_id: UUID) -> ImportFile:
    """Take a faultless import over, once; the same again changes nothing."""
    file = await import_of(tx, kinds, import_id, update=True)
    if file.committed_at is not None:
        return file
    tried = await _taken_over(tx, kinds, file)
    if tried.faults:
        told = [FieldProblem(tried.sheet.place(one), "row", one.reason) for one in tried.faults[:_SHOWN]]
        wrong = len({fault.row for fault in tried.faults})
        raise Conflict(
            "import_faults", f"有 {wrong} 行不能导入，全部未导入：{told[0].field} {told[0].message}", problems=told
        )
    file.committed_at, file.committed_by, file.rows = tx.now, tx.actor.account_id, len(tried.sheet.rows)
    tx.session.add(file)
    about = {"kind": file.kind, "rows": file.rows}
    await tx.audit("import.committed", **tried.prepared.place, public=file.digest, **about)  # type: ignore[arg-type]
    return file


def reasons_file(tried: Tried) -> bytes:
    """The uploaded workbook with a column of reasons."""
    return with_reasons(tried.file.content, tried.sheet, tried.faults)
