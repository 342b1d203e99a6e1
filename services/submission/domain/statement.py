"""申报承诺: the applicant's statement of truthfulness, by version; confirmed with each filing, or sealed."""

from collections.abc import Collection

from shared.kernel.refusals import Refusal
from shared.rulebook import Category, EvidenceKind

STATEMENTS = {
    "2025-1": (
        "本单位承诺：申报内容和证明材料真实、完整；同意将名单所列单位信息用于公示和发布；知悉弄虚作假将被取消资格。"
    )
}
"""Every wording that was ever in force; one that somebody has stated is never changed."""

STATEMENT_VERSION = "2025-1"
STATEMENT = STATEMENTS[STATEMENT_VERSION]

SEALED = EvidenceKind(id="sealed_statement", label="加盖公章的申报承诺书（扫描件）", article="申报承诺", required=False)
"""The kind of file that stands for the confirmation; every form takes it."""


def evidence_kinds(category: Category) -> tuple[EvidenceKind, ...]:
    """What may be filed as evidence in a category: what its rules ask for, and the sealed statement."""
    return (*category.evidence, SEALED)


def require_stated(statement_version: str, confirmed: bool, kinds: Collection[str]) -> str:
    """How the statement was made: ``confirmed`` by tick, or ``sealed`` in a file.

    Raises:
        Refusal: ``statement`` without either, ``statement_version`` for another wording than the one in force.
    """
    if not confirmed and SEALED.id not in kinds:
        message = "请确认申报承诺，或上传加盖公章的申报承诺书扫描件。"
        raise Refusal("statement", message, field="confirmed")
    if statement_version != STATEMENT_VERSION:
        raise Refusal("statement_version", "申报承诺的文本已更新，请重新阅读并确认。", field="statement_version")
    return "confirmed" if confirmed else "sealed"
