"""Rules where a person gives the number: an expert's judgement, and the office's deduction."""

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar, Literal

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Exact, Label
from shared.rulebook.figures import Json
from shared.rulebook.scoring.rule import ZERO, Case, Item, Population, Rule, Scored, points_text

REASON_WORDS = {"always": "须说明理由", "below_full": "低于满分须说明理由", "zero": "计零分须说明理由"}
Otherwise = Literal["discretionary_award", "discretionary_deduction", "deduction_only", "zero", "not_printed"]


class JudgedRule(Rule):
    """A number from 0 up to a highest one, in steps, perhaps narrowed to ranges or single values.

    ``reason_if``: for which numbers a reason must be written beside them.
    """

    judged: ClassVar[bool] = True
    step: Exact
    allowed_values: tuple[Exact, ...] = ()
    allowed_ranges: tuple[tuple[Exact, Exact], ...] = ()
    reason_if: Literal["always", "below_full", "zero"] | None = None

    def wants_reason(self, given: Decimal, points: Decimal) -> bool:
        """Whether who gives this number has to say why."""
        match self.reason_if:
            case "always":
                return True
            case "below_full":
                return given < self.highest(points)
            case "zero":
                return given == ZERO
        return False

    def highest(self, points: Decimal) -> Decimal:
        """The greatest number that may be given."""
        return points

    def refuses(self, given: Decimal, points: Decimal) -> str | None:
        """The code of what is wrong with a number given, or None."""
        if not ZERO <= given <= self.highest(points):
            return "out_of_range"
        if given % self.step != 0:
            return "not_a_step"
        return None if self._allows(given) else "not_allowed_value"

    def _allows(self, given: Decimal) -> bool:
        if self.allowed_values and given not in self.allowed_values:
            return False
        return not self.allowed_ranges or any(low <= given <= high for low, high in self.allowed_ranges)

    def _narrowed(self) -> str:
        values = "、".join(map(plain_decimal, self.allowed_values))
        spans = "、".join(f"{plain_decimal(low)}至{plain_decimal(high)}" for low, high in self.allowed_ranges)
        return f"，只可为 {values or spans}" if values or spans else ""

    def faults(self, points: Decimal) -> Iterator[str]:
        """Step above zero, every allowed number within 0 and the highest."""
        if self.step <= 0:
            yield "赋分步长须大于0"
        for edge in (*self.allowed_values, *(edge for span in self.allowed_ranges for edge in span)):
            if not ZERO <= edge <= self.highest(points):
                yield f"允许的分值 {plain_decimal(edge)} 超出0至{plain_decimal(self.highest(points))}"


class Judgement(JudgedRule, kind="judgement"):
    """The number an expert gives. ``full_if`` and ``thresholds`` guide the expert; they are never scored."""

    kind: Literal["judgement"]
    full_if: Label | None = None
    otherwise: Otherwise
    thresholds: tuple[Label, ...] = ()

    def apply(self, item: Item, case: Case, population: Population) -> Scored:
        """The number given."""
        given = case.judgements.get(item.id)
        if given is None:
            raise ValueError(f"item {item.id} is neither judged nor set to zero")
        number = plain_decimal(given)
        return Scored(given, {"judgement": number}, {"judged": number})

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """The range, what narrows it, and what guides the expert."""
        yield f"专家赋分，0 至 {points_text(points)}，步长 {plain_decimal(self.step)}{self._narrowed()}"
        if self.reason_if is not None:
            yield REASON_WORDS[self.reason_if]
        if self.full_if is not None:
            yield f"满分条件：{self.full_if}"
        for threshold in self.thresholds:
            yield f"参考标准：{threshold}"

    def words(self, case: Case, scored: Scored) -> str:
        """That a person gave it."""
        return "专家赋分"


class Deduction(JudgedRule, kind="deduction"):
    """Points taken off, 0 to ``max``; none given means none taken. Reported as a negative score."""

    kind: Literal["deduction"]
    max: Exact
    label: Label

    def highest(self, points: Decimal) -> Decimal:
        """The most that may be taken off."""
        return self.max

    def apply(self, item: Item, case: Case, population: Population) -> Scored:
        """Minus the number given."""
        given = case.judgements.get(item.id)
        taken = ZERO if given is None else given
        inputs: dict[str, Json] = {"judgement": None if given is None else plain_decimal(given)}
        return Scored(-taken, inputs, {"deduction": plain_decimal(taken)})

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """The most that may be taken off, and for what."""
        yield f"{self.label}：由办公室扣分，最多 {points_text(self.max)}，步长 {plain_decimal(self.step)}"

    def words(self, case: Case, scored: Scored) -> str:
        """How much is taken off."""
        taken = scored.applied["deduction"]
        return "不扣分" if taken == "0" else f"扣 {taken} 分"
