"""A file is looked at by a process of its own: whatever is in it, the service goes on and keeps its secrets.

``python -m shared.infra.inspection.confined NAME PATH`` prints the number of pages or the refusal as JSON.
"""

import json
import sys
from pathlib import Path

from shared.infra.confinement import Crashed, confine, run_confined
from shared.infra.inspection import inspect
from shared.kernel.refusals import Refusal


async def inspect_confined(path: str, name: str) -> int | None:
    """The number of pages of a file, None where it has none.

    Raises:
        Refusal: the file cannot be taken; the reason and the way on are in the sentence.
    """
    try:
        said = json.loads(await run_confined(__name__, name, path))
    except Crashed as crash:
        raise Refusal(
            "evidence_uncheckable",
            "检查此文件所需的时间或内存超出了限度，无法确认其安全。请重新导出或另存为 PDF 后再上传。",
            field="name",
        ) from crash
    if "code" in said:
        raise Refusal(said["code"], said["message"], field="name")
    pages: int | None = said["pages"]
    return pages


def main(name: str, path: str) -> None:
    """Look at one file and print what was found."""
    confine()
    try:
        with Path(path).open("rb") as file:
            print(json.dumps({"pages": inspect(name, file)}))
    except Refusal as refusal:
        print(json.dumps({"code": refusal.code, "message": refusal.message}))


if __name__ == "__main__":
    main(*sys.argv[1:])
