"""The text an expert signs before seeing a case. A changed text is a new version."""

from shared.kernel.canonical import digest

UNDERTAKING_VERSION = "2026-1"
UNDERTAKING_TEXT = (
    "本人自愿参加本次审查，承诺严格按照实施办法和计分标准独立、客观、公正赋分。",
    "本人与参评对象没有雇佣、投资、亲属或其他可能影响公正的利害关系；发现存在的，立即申请回避。",
    "本人不向任何人透露参评对象的申报材料、本人及其他专家的赋分和审查过程。",
    "本人不接受参评对象及其代理人的请托、宴请和财物。",
    "本人对所签署的审查计分表负责，如有违反，愿意承担相应责任。",
)
UNDERTAKING_DIGEST = digest({"version": UNDERTAKING_VERSION, "text": UNDERTAKING_TEXT})
