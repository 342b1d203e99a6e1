"""A file that comes with a finding: looked at like evidence, and locked beside it."""

import tempfile
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.submission.domain.evidence import check_announced, check_in_one
from shared.infra.clocks import SystemClock, new_id
from shared.infra.files import QUARANTINE, RETENTION_DAYS, Files
from shared.infra.inspection.looking import look_at
from shared.infra.scanner import Scanner
from shared.kernel.refusals import Refusal


async def keep_with_finding(
    files: Files, scanner: Scanner | None, case_id: UUID, name: str, content: bytes
) -> dict[str, Any]:
    """Check a file and lock it in; returns what the record keeps of it: id, name, size, hash, version.

    Raises:
        Refusal: it may not be kept, or a scanner is set and could not look at it: the finding is recorded later, or
            without the file.
    """
    check_in_one(name, len(content))
    media_type, file_id = check_announced(name, len(content)), new_id()
    key = f"{case_id}/{file_id}"
    with tempfile.NamedTemporaryFile(prefix="finding-") as local:
        local.write(content)
        local.flush()
        looked = await look_at(local, name, scanner)
    if looked.held:
        raise Refusal(
            "file_not_scanned", "查毒服务暂时不能检查这个文件。请稍后再提交，或先登记不带附件的记录。", field="file"
        )
    try:
        await files.put(QUARANTINE, key, content, media_type)
        with tempfile.TemporaryFile() as again:
            fetched = await files.fetch(QUARANTINE, key, again)
        if fetched is None:
            raise Refusal("not_uploaded", "文件没有保存成功，请重试。", field="file")
        until = SystemClock().now() + timedelta(days=RETENTION_DAYS)
        version = await files.lock_in(key, fetched, media_type, until)
    finally:
        await files.remove(QUARANTINE, key)
    return {
        "evidence_id": str(file_id),
        "name": name,
        "sha256": fetched.sha256,
        "size": fetched.size,
        "version_id": version,
    }
