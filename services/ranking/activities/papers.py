"""Papers rendered and laid in S3."""

import asyncio

from services.ranking.actions.minutes import MinutePaper, WrittenPaper
from shared.infra.files import DOSSIERS
from shared.infra.service import Service
from shared.kernel.canonical import digest_bytes
from shared.web.documents import minute_pdf


async def write_minute(service: Service, paper: MinutePaper) -> WrittenPaper:
    """Render a minute and lay it beside this service's dossiers, under its own digest."""
    minute = paper.minute(service.settings.public_origin)
    content = await asyncio.to_thread(minute_pdf, minute, rehearsal=service.rehearsal)
    sha256 = digest_bytes(content)
    key = f"{service.name}/minutes/{sha256}.pdf"
    await service.files.put(DOSSIERS, key, content, "application/pdf")
    return WrittenPaper(key=key, sha256=sha256, size=len(content))
