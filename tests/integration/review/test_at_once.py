"""A case that falls at the very moment at which its panel takes it over."""

from services.review import store
from services.review.actions import handover
from shared.contracts.dossiers import ApplicationDossier
from shared.contracts.facts import CaseAmended
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Database
from tests.integration.interleaving import interleave
from tests.integration.review.scene import Scene


async def test_a_case_that_falls_while_its_manifest_is_taken_over_is_dropped(scene: Scene) -> None:
    ref = scene.hand_over(1)
    manifest = scene.manifest_of(ref)
    dossiers = [
        ApplicationDossier.model_validate_json(scene.dossier("submission", entry.dossier_digest))
        for entry in manifest.entries
    ]
    fallen = manifest.entries[0]
    about = {"cycle_id": ref.cycle_id, "category_id": ref.category_id, "case_id": fallen.case_id}
    fact = CaseAmended(**about, number=fallen.number, kind="withdrawn")
    database = Database(scene.process.settings().database_url, "review", pool=1)
    async with database.transaction() as tx:
        await handover.begin(tx, ref)
        await tx.session.flush()
        await tx.finish_work(stage_workflow_id(ref.stage_id))  # the test does the steps, no workflow beside

    await interleave(
        database.url,
        "review",
        lambda tx: handover.take_over(tx, ref, manifest, dossiers),
        "FROM infra.amendment",
        lambda tx: handover.amend(tx, fact),
    )

    async with database.transaction() as tx:
        standing = [case.standing for case in await store.cases(tx, ref.stage_id)]
    await database.close()
    assert standing == ["dropped"]
