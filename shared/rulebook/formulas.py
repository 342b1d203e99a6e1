"""The formulas of a scorecard in words, by the field of the form that enters them: what a figure is asked for."""

from collections.abc import Iterator, Mapping

from shared.rulebook.metrics import FactMetric, Growth, MeanShare, Metric, Share
from shared.rulebook.models import Category


def formulas_of(category: Category, variant: str | None) -> dict[str, tuple[str, ...]]:
    """By fact id, the formulas of the items that are computed from it, such as 研发投入强度 = 100 × … ÷ …（%）."""
    found: dict[str, tuple[str, ...]] = {}
    labels = {fact.id: fact.label for fact in category.facts}
    for name, metric in _computed(category, variant):
        told = f"{name} = {formula(metric, labels)}（{metric.unit}）"
        for fact_id in dict.fromkeys(metric.facts()):
            found[fact_id] = (*found.get(fact_id, ()), told)
    return found


def _computed(category: Category, variant: str | None) -> Iterator[tuple[str, Metric]]:
    """Name and metric of the variant's items that are computed; a figure that counts as it stands needs no formula."""
    for group in category.scorecard.groups if category.scorecard else ():
        for item in group.items:
            metric = getattr(item.rule, "metric", None)
            of_variant = not item.variants or variant is None or variant in item.variants
            if metric is not None and not isinstance(metric, FactMetric) and of_variant:
                yield item.name, metric


def formula(metric: Metric, labels: Mapping[str, str]) -> str:
    """A metric in words."""

    def name(fact_id: str) -> str:
        return labels.get(fact_id, fact_id)

    match metric:
        case Share():
            return f"100 × {name(metric.part)} ÷ {name(metric.base)}"
        case Growth():
            return f"100 ×（{name(metric.now)} − {name(metric.before)}）÷ {name(metric.before)}"
        case MeanShare():
            years = "、".join(f"100 × {name(year.part)} ÷ {name(year.base)}" for year in metric.years)
            return f"下列各项的平均值：{years}"
        case _:
            return name(metric.fact)
