"""Which cases still stand: the answer at a gate, kept with its digest."""

from services.submission import store
from services.submission.actions.stages import deposit
from services.submission.domain.cases import FALLEN
from services.submission.tables import Case, StandingAnswered
from shared.contracts.workflows import StandingAnswer, StandingQuestion
from shared.infra.database import Tx


async def answer_standing(tx: Tx, question: StandingQuestion) -> StandingAnswer:
    """Answer from the category's cases, once a manifest and gate; asked again it is the same answer."""
    await tx.lock("standing", question.manifest_id, question.gate)
    known = await tx.session.get(StandingAnswered, (question.manifest_id, question.gate))
    if known is None:
        known = await _answer(tx, question)
    return StandingAnswer.model_validate(
        {"manifest_id": known.manifest_id, "gate": known.gate, "fallen": known.fallen, "digest": known.digest}
    )


async def _answer(tx: Tx, question: StandingQuestion) -> StandingAnswered:
    handed_over = [
        case for case in await store.cases_of_category(tx, question.category_id, FALLEN) if case.manifest_id is not None
    ]
    fallen = sorted(str(case.case_id) for case in handed_over)
    digest = await tx.put_dossier(
        {
            "manifest_id": question.manifest_id,
            "category_id": question.category_id,
            "gate": question.gate,
            "fallen": fallen,
        },
        "standing",
    )
    answered = StandingAnswered(
        manifest_id=question.manifest_id,
        gate=question.gate,
        category_id=question.category_id,
        fallen=fallen,
        digest=digest,
        answered_at=tx.now,
    )
    tx.session.add(answered)
    await _witness(tx, answered, handed_over)
    return answered


async def _witness(tx: Tx, answered: StandingAnswered, fallen: list[Case]) -> None:
    cases = await store.cases_of_category(tx, answered.category_id)
    cycle_id = cases[0].cycle_id if cases else None
    await tx.audit(
        "standing.answered",
        cycle_id=cycle_id,
        category_id=answered.category_id,
        public=answered.digest,
        gate=answered.gate,
        manifest=answered.manifest_id,
        fallen=len(fallen),
    )
    if cycle_id is not None:
        name = f"standing-{answered.gate}-{answered.manifest_id}.json"
        await deposit(tx, cycle_id, answered.category_id, name, answered.digest)
