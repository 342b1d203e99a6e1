"""The register of enterprises."""

from dataclasses import dataclass

from services.submission.tables import Enterprise
from shared.contracts.subjects import CaseSubject, Subject
from shared.infra.database import Tx
from shared.kernel.credit_code import check_credit_code
from shared.kernel.ids import derived_id
from shared.kernel.names import seen_name
from shared.kernel.refusals import Conflict, Refusal


@dataclass(frozen=True)
class EnterpriseEntry:
    """What the office enters of an enterprise."""

    name: str
    credit_code: str
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None


async def register_enterprise(tx: Tx, entry: EnterpriseEntry) -> Enterprise:
    """Register an enterprise under the id that follows from its credit code; the same one again is no change.

    Raises:
        BadCreditCode: the check character does not fit.
        Conflict: the code belongs to an enterprise of another name.
    """
    code = check_credit_code(entry.credit_code)
    name = seen_name(entry.name, "name")
    if not name:
        raise Refusal("name", "请填写企业名称。", field="name")
    await tx.lock("enterprise", code)
    enterprise_id = derived_id("enterprise", code)
    known = await tx.session.get(Enterprise, enterprise_id)
    if known is not None:
        return _same(known, name)
    enterprise = Enterprise(
        enterprise_id=enterprise_id,
        credit_code=code,
        name=name,
        industry=entry.industry,
        district=entry.district,
        ownership=entry.ownership,
        registered_at=tx.now,
    )
    tx.session.add(enterprise)
    await tx.audit("enterprise.registered", enterprise=enterprise_id, credit_code=code)
    return enterprise


def _same(known: Enterprise, name: str) -> Enterprise:
    if known.name != name:
        raise Conflict("credit_code_taken", f"该信用代码已登记为“{known.name}”。", field="credit_code")
    return known


async def ensure_enterprise(tx: Tx, subject: Subject) -> Enterprise:
    """The enterprise of an intake's row, registered on the way."""
    if subject.credit_code is None:
        raise Refusal("credit_code", "请填写统一社会信用代码。", field="credit_code")
    entry = EnterpriseEntry(subject.name, subject.credit_code, subject.industry, subject.district, subject.ownership)
    return await register_enterprise(tx, entry)


def subject_of(enterprise: Enterprise) -> CaseSubject:
    """The public attributes of an enterprise."""
    return CaseSubject(
        name=enterprise.name,
        credit_code=enterprise.credit_code,
        industry=enterprise.industry,
        district=enterprise.district,
        ownership=enterprise.ownership,
    )
