"""Names of people, enterprises, events and lists: every sign of them can be seen, so that none is read as another."""

import unicodedata

from shared.kernel.refusals import Refusal

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, signs that turn the direction of writing or have no width, halves of a sign, line and paragraph ends.
Rare characters that this version of Unicode does not know, or that lie in a private area, are names all the same."""

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that are drawn as nothing."""


def unseen_in(name: str) -> str | None:
    """The first sign of a name that nobody sees, as U+202E; none in a good name."""
    found = next((sign for sign in name if unicodedata.category(sign) in _UNSEEN or sign in _BLANK), None)
    return f"U+{ord(found):04X}" if found is not None else None


def unseen_sentence(sign: str) -> str:
    """What is said of such a sign beside the field."""
    return f"其中有看不见的字符（{sign}），显示出来会与实际不同。请删除后重新输入。"


def seen_name(name: str, field: str) -> str:
    """The name without blanks around it.

    Raises:
        Refusal: ``unseen_sign``, beside ``field``, when a sign of it cannot be seen.
    """
    plain = name.strip()
    sign = unseen_in(plain)
    if sign is not None:
        raise Refusal("unseen_sign", unseen_sentence(sign), field=field)
    return plain
