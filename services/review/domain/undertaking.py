"""The text an expert signs before seeing a case: the rulebook's own, which its cycle pins, or the usual one."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.kernel.canonical import digest

USUAL_VERSION = "2026-1"
USUAL_TEXT = (
    "本人自愿参加本次审查，承诺严格按照实施办法和计分标准独立、客观、公正赋分。",
    "本人与参评对象没有雇佣、投资、亲属或其他可能影响公正的利害关系；发现存在的，立即申请回避。",
    "本人不向任何人透露参评对象的申报材料、本人及其他专家的赋分和审查过程。",
    "本人不接受参评对象及其代理人的请托、宴请和财物。",
    "本人对所签署的审查计分表负责，如有违反，愿意承担相应责任。",
)


@dataclass(frozen=True, slots=True)
class UndertakingText:
    """A text with its version; another text is another version."""

    version: str
    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over version and text, kept with each answer."""
        return digest({"version": self.version, "text": self.lines})


def undertaking_text(printed: Sequence[str]) -> UndertakingText:
    """The rulebook's text, versioned by its digest, or the usual one where it prints none."""
    if not printed:
        return UndertakingText(USUAL_VERSION, USUAL_TEXT)
    return UndertakingText(digest(list(printed))[:12], tuple(printed))
