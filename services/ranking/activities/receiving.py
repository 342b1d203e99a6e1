"""What the activities of all stages have alike: the transaction, the manifest, the gate, being stuck."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from temporalio import activity

from services.ranking.actions.stages import Received, bind_gate
from services.ranking.inputs import GateAnswer
from shared.contracts.dossiers import Manifest
from shared.contracts.workflows import StageRef
from shared.infra.database import Tx
from shared.infra.manifests import DossierMissing, fetch_manifest
from shared.infra.service import Service
from shared.infra.stages import mark_stuck
from shared.infra.telemetry import current_trace
from shared.kernel.refusals import Refusal


class Hands:
    """Base of the activities: a transaction, and reading what a manifest handed over."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def transaction(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction of the system under the workflow's trace."""
        return self.service.database.transaction(trace=current_trace.get())

    async def fetch(self, ref: StageRef, *, filings: bool = False) -> tuple[Manifest, list[Received]]:
        """The manifest of a stage and its dossiers; with ``filings`` also the applications behind them.

        Raises:
            DossierMissing: dossiers that are not in S3 yet, all named; tried again.
        """
        if ref.manifest_digest is None or ref.manifest_source is None:
            raise Refusal("no_manifest", "上一阶段没有移交清单，本阶段无案可办。")
        manifest = await fetch_manifest(self.service.files, ref.manifest_source, ref.manifest_digest)
        dossiers = await self._read_all(manifest.source, [entry.dossier_digest for entry in manifest.entries])
        received = [
            Received(entry=entry, dossier=dossier) for entry, dossier in zip(manifest.entries, dossiers, strict=True)
        ]
        return manifest, await self._with_filings(received) if filings else received

    async def _with_filings(self, received: Sequence[Received]) -> list[Received]:
        digests = [str(one.dossier["application_digest"]) for one in received]
        found = await self._read_all("submission", digests)
        return [
            one.model_copy(update={"application_digest": digest, "application": filing})
            for one, digest, filing in zip(received, digests, found, strict=True)
        ]

    async def _read_all(self, source: str, digests: Sequence[str]) -> list[dict[str, Any]]:
        """Read dossiers side by side; all that are missing are named at once."""
        found = await asyncio.gather(*(self._read(source, digest) for digest in digests))
        missing = [digest for digest, content in zip(digests, found, strict=True) if content is None]
        if missing:
            raise DossierMissing(", ".join(missing))
        return [content for content in found if content is not None]

    async def _read(self, source: str, digest: str) -> dict[str, Any] | None:
        if not await self.service.files.has_dossier(source, digest):
            return None
        content: dict[str, Any] = json.loads(await self.service.files.get_dossier(source, digest))
        return content


class StageActivities(Hands):
    """Steps that every stage of ranking has alike."""

    @activity.defn(name="ranking.bind_gate")
    async def bind_gate(self, given: GateAnswer) -> None:
        """Bind a stage to the answer at a gate."""
        async with self.transaction() as tx:
            await bind_gate(tx, given.stage_id, given.answer)

    @activity.defn(name="ranking.stuck")
    async def stuck(self, ref: StageRef) -> None:
        """A step was refused: operators see it."""
        async with self.transaction() as tx:
            await mark_stuck(tx, ref.stage_id, "step_refused")
