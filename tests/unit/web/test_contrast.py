"""Every pair of colours used for text or for a shape that carries meaning keeps WCAG 2 AA."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "shared" / "web" / "assets" / "css" / "tokens.css"
TEXT, SHAPE = 4.5, 3.0

PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "sea") for ground in ("paper", "ground", "sunk")),
    ("on-sea", "sea", TEXT),
    ("on-sea-2", "sea", TEXT),
    ("on-sea", "sea-deep", TEXT),
    ("on-sea-2", "sea-deep", TEXT),
    ("sea", "sea-soft", TEXT),
    ("sea-deep", "sea-soft", TEXT),
    ("seal", "paper", TEXT),
    ("seal", "ground", TEXT),
    ("seal", "seal-soft", TEXT),
    *((state, f"{state}-soft", TEXT) for state in ("good", "warning", "bad", "neutral")),
    *((state, "paper", TEXT) for state in ("good", "warning", "bad", "neutral")),
    ("paper", "bad", TEXT),
    ("ink", "warning-soft", TEXT),
    ("ink-2", "warning-soft", TEXT),
    ("line-strong", "paper", SHAPE),
]


def tokens() -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", TOKENS.read_text("utf-8")))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colour_pair_keeps_aa(front: str, back: str, least: float) -> None:
    known = tokens()

    assert contrast(known[front], known[back]) >= least


def test_contrast_of_black_on_white_is_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0


def test_type_scale_rises_and_has_no_twins() -> None:
    sizes = [float(size) for size in re.findall(r"--text-[a-z0-9]+: ([0-9.]+)rem;", TOKENS.read_text("utf-8"))]

    assert all(small < large for small, large in pairwise(sizes))
