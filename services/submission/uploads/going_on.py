"""A large file comes in parts: which are there, where the missing ones go, and how they become one object."""

from dataclasses import dataclass
from uuid import UUID

from services.submission import store
from services.submission.actions import evidence as actions
from services.submission.actions.cases import require_own
from services.submission.actions.evidence import quarantine_key
from services.submission.domain.evidence import in_parts, missing_parts
from services.submission.tables import Evidence
from shared.infra.database import Tx
from shared.infra.files import Files
from shared.kernel.refusals import Conflict
from shared.web.act import Act


class NotUploaded(Conflict):
    """Nothing lies in quarantine yet, or parts are missing: the upload may still come."""

    def __init__(self) -> None:
        super().__init__("not_uploaded", "文件还没有上传完成，请上传后再确认。")


@dataclass(frozen=True)
class Parts:
    """How far an upload in parts is: the numbers that have come, and (number, bytes, address) of those to come."""

    done: tuple[int, ...]
    missing: tuple[tuple[int, int, str], ...]


async def go_on(act: Act, files: Files, case_id: UUID, evidence_id: UUID) -> Parts:
    """Begin an upload in parts, or go on with it after a cut; addresses work for ten minutes, then ask again."""
    evidence = await act.read(lambda tx: _own_waiting(tx, case_id, evidence_id))
    upload_id, key = evidence.upload_id, quarantine_key(evidence)
    there = await files.parts_there(key, upload_id) if upload_id else None
    if upload_id is None or there is None:
        upload_id, there = await _begin(act, files, evidence), []
    missing = missing_parts(evidence.size, {one.number: one.size for one in there})
    return Parts(
        done=tuple(sorted({one.number for one in there} - set(missing))),
        missing=tuple((number, size, files.part_link(key, upload_id, number)) for number, size in missing.items()),
    )


async def _begin(act: Act, files: Files, evidence: Evidence) -> str:
    begun = await files.begin_parts(quarantine_key(evidence), evidence.media_type)
    upload_id = await act.read(lambda tx: actions.note_upload(tx, evidence, begun))
    if upload_id != begun:
        await files.drop_parts(quarantine_key(evidence), begun)
    return upload_id


async def _own_waiting(tx: Tx, case_id: UUID, evidence_id: UUID) -> Evidence:
    require_own(tx, await store.case_of(tx, case_id))
    evidence = await store.evidence_file(tx, case_id, evidence_id)
    if evidence.state != "waiting":
        raise Conflict("evidence_settled", "此文件已经上传完毕或已被移除，不能再续传。")
    if not in_parts(evidence.size):
        raise Conflict("not_in_parts", "此文件不超过 8 MB，请一次上传。")
    return evidence


async def join(files: Files, evidence: Evidence) -> None:
    """Make one object of the parts, if each is there in the size agreed; done before, nothing happens.

    Raises:
        NotUploaded: parts are missing.
    """
    if evidence.upload_id is None:
        return
    key = quarantine_key(evidence)
    there = await files.parts_there(key, evidence.upload_id)
    if there is None:  # joined before a crash; if it was dropped, nothing lies in quarantine
        return
    if missing_parts(evidence.size, {one.number: one.size for one in there}):
        raise NotUploaded
    await files.join_parts(key, evidence.upload_id, there)
