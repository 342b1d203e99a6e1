"""Pictures of a ranking: bars from the ground up and the quota line, in coordinates that a template only draws."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from services.ranking.domain.histograms import BINS, Histogram
from shared.web.parts import Part

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 440, 180, 44, 26, 22


class Bar(Part):
    """A bar of a picture, in its units; ``inside`` the quota as it is ranked; ``said`` by a pointer's hint."""

    x: str
    y: str
    width: str
    height: str
    inside: bool
    said: str


class Chart(Part):
    """A picture: bars from the ground up, the quota line as an abscissa, words at both ends and along the side."""

    heading: str
    said: str
    bars: tuple[Bar, ...]
    line: str | None
    first: str
    last: str
    top: str
    bottom: str

    @property
    def box(self) -> str:
        """The picture's own coordinates."""
        return f"0 0 {WIDTH} {HEIGHT}"

    @property
    def left(self) -> int:
        """Where the first bar stands."""
        return LEFT

    @property
    def ground(self) -> int:
        """Where bars begin."""
        return HEIGHT - BOTTOM


def distribution(of: Histogram, heading: str) -> Chart:
    """How many cases have which score; a bar is dark as far as its cases are within the quota line."""
    most, step = max(sum(one) for one in of.bins), (of.high - of.low) / BINS
    bars = [bar for place, (within, out) in enumerate(of.bins) for bar in _stack(of, place, within, out, most, step)]
    return Chart(
        heading=heading,
        said=f"{sum(map(sum, of.bins))} 案的平均分从 {two(of.low)} 到 {two(of.high)}。",
        bars=tuple(bars),
        line=None if of.line is None else at(LEFT + (of.line - of.low) / (of.high - of.low) * (WIDTH - LEFT)),
        first=f"{two(of.low)} 分",
        last=f"{two(of.high)} 分",
        top=f"{most} 案",
        bottom="0",
    )


def _stack(of: Histogram, place: int, within: int, out: int, most: int, step: Fraction) -> list[Bar]:
    width = Fraction(WIDTH - LEFT, BINS)
    said = f"{two(of.low + step * place)} 至 {two(of.low + step * (place + 1))} 分：{within + out} 案"
    ground, full, bars = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP, []
    base = Fraction(ground)
    for number, inside in ((within, True), (out, False)):
        height = Fraction(full * number, most)
        base -= height
        if number:
            bars.append(bar(LEFT + width * place + 1, base, width - 2, height, inside, said))
    return bars


def bar(x: Fraction, y: Fraction, width: Fraction, height: Fraction, inside: bool, said: str) -> Bar:
    """A bar at exact coordinates."""
    return Bar(x=at(x), y=at(y), width=at(width), height=at(height), inside=inside, said=said)


def two(value: Fraction) -> str:
    """Two places for the eye."""
    return str((Decimal(value.numerator) / value.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP))


def at(value: Fraction) -> str:
    """A coordinate to a tenth."""
    return str((Decimal(value.numerator) / value.denominator).quantize(Decimal("0.1"), ROUND_HALF_UP))
