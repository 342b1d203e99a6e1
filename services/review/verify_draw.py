"""Recompute a draw from its transcript, with nothing but Python's standard library.

    python verify_draw.py draw-transcript.json

Checks: the list hashes to its digest, the secret to its commitment, the seed follows from both, and members and
alternates are exactly those that the seed gives. Prints what it found; exit code 0 only if all is right. The same is
said by the service in ``domain/draw.py``; the two were written apart, so that one proves the other.
"""

import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ALGORITHM = "fangbang-draw-1"
_WORDS = {"seed": "种子", "members": "抽中的专家", "alternates": "候补专家"}


def canonical(value: Any) -> bytes:
    """Sorted keys, no white space, UTF-8: the form that digests are taken over."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def numbers(seed: bytes) -> Iterator[int]:
    """The 256-bit numbers that follow from the seed."""
    counter = 0
    while True:
        block = hmac.new(seed, counter.to_bytes(8, "big"), hashlib.sha256).digest()
        counter += 1
        yield int.from_bytes(block, "big")


def choose(candidates: list[tuple[str, str]], source: Iterator[int]) -> tuple[str, str]:
    """One of the candidates in order of pseudonym, each equally likely."""
    candidates = sorted(candidates)
    usable = (1 << 256) // len(candidates) * len(candidates)
    number = next(source)
    while number >= usable:
        number = next(source)
    return candidates[number % len(candidates)]


def recompute(document: dict[str, Any], secret: str) -> dict[str, Any]:
    """Seed, members and alternates that list and secret give."""
    seed = hashlib.sha256(hashlib.sha256(canonical(document)).digest() + bytes.fromhex(secret)).digest()
    source = numbers(seed)
    left = {(entry["expert"], entry["pool"]) for entry in document["eligible"]}
    members, alternates = [], []
    for pool in document["pools"]:
        for _ in range(pool["min"]):
            taken = choose([one for one in left if one[1] == pool["key"]], source)
            left.remove(taken)
            members.append({"expert": taken[0], "pool": taken[1], "because": "pool"})
    while len(members) < document["seats"]:
        taken = choose(list(left), source)
        left.remove(taken)
        members.append({"expert": taken[0], "pool": taken[1], "because": "all"})
    for pool in document["pools"]:
        for place in range(1, pool["alternates"] + 1):
            rest = [one for one in left if one[1] == pool["key"]]
            if not rest:
                break
            taken = choose(rest, source)
            left.remove(taken)
            alternates.append({"expert": taken[0], "pool": taken[1], "place": place})
    return {"seed": seed.hex(), "members": members, "alternates": alternates}


def problems(transcript: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a transcript; an empty list means that the draw is proven."""
    document, secret = transcript["list"], transcript["secret"]
    found = []
    if document["algorithm"] != ALGORITHM:
        return [f"不认识的抽取算法：{document['algorithm']}"]
    if hashlib.sha256(canonical(document)).hexdigest() != transcript["list_digest"]:
        found.append("名单与名单摘要不符")
    if len(secret) != 64 or hashlib.sha256(bytes.fromhex(secret)).hexdigest() != transcript["commitment"]:
        found.append("密值与事先的承诺值不符")
    if len({entry["expert"] for entry in document["eligible"]}) != len(document["eligible"]):
        found.append("名单中有重复的专家")
    if not found:
        right = recompute(document, secret)
        found += [f"{_WORDS[name]}与按种子重算的不符" for name in right if right[name] != transcript[name]]
    return found


def verify_draw(content: bytes) -> list[str]:
    """Problems of a transcript file's bytes; one that cannot be read is a problem too."""
    try:
        return problems(json.loads(content))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError) as trouble:
        return [f"不是抽取记录：{trouble!r}"]


def main() -> int:
    """Verify the files named on the command line."""
    wrong = 0
    for path in sys.argv[1:]:
        found = verify_draw(Path(path).read_bytes())
        print(f"{path}: {'抽取重算一致' if not found else '；'.join(found)}")
        wrong += bool(found)
    return 1 if wrong or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
