"""What every file from outside goes through before it is kept: what it is, whether it is sound, the virus scanner."""

from dataclasses import dataclass
from typing import IO

from shared.infra.inspection.confined import inspect_confined
from shared.infra.scanner import Scan, Scanner
from shared.kernel.refusals import Refusal


class Infected(Refusal):
    """The scanner knows what this is."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "evidence_infected",
            f"查毒发现文件含有恶意代码（{found}），未予接收。请在本机查杀病毒，重新生成文件后再上传。",
            field="name",
        )


@dataclass(frozen=True)
class Looked:
    """A file that may be kept: its pages if it has any, and what the scanner said, None where none is set."""

    pages: int | None
    scan: Scan | None

    @property
    def held(self) -> bool:
        """Whether a scanner is set and could not look at it: nobody reads it before it was."""
        return self.scan is not None and self.scan.verdict == "unscanned"


async def look_at(local: IO[bytes], name: str, scanner: Scanner | None) -> Looked:
    """Look at a named temporary file.

    Args:
        local: the file, with a path as its ``name``.
        name: what its giver calls it; its extension says what it claims to be.

    Raises:
        Refusal: it may not be kept; the sentence says why and what to do.
    """
    pages = await inspect_confined(local.name, name)
    if scanner is None:
        return Looked(pages, None)
    local.seek(0)
    scan = await scanner.scan(local)
    if scan.verdict == "infected":
        raise Infected(scan.found)
    return Looked(pages, scan)
