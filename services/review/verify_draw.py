"""Recompute a draw from its transcript, with nothing but Python's standard library (3.9 or newer).

    python3 verify_draw.py draw-transcript.json
    python3 verify_draw.py draw-transcript.json --digest SHA256
    python3 verify_draw.py --new-secret LIST_DIGEST PARTY

Checks: the file is canonical JSON with exactly the fields of a transcript, the list hashes to its digest, each party's
secret opens its commitment for this list, the seed follows from list, secrets and beacon, and members and alternates
are exactly those that the seed gives. Prints what it found; exit code 0 only if all is right. ``--digest`` compares the
file with the digest that the ledger or the draw's page shows. ``--new-secret`` makes a fresh secret and the commitment
to it, for a party that prepares to take part.

The service says the same in ``domain/draw.py``; the two were written apart, so that one proves the other. docs/draw.md
describes the algorithm so that others can write their own.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ALGORITHM = "fangbang-draw-2"
TRANSCRIPT = {"list", "list_digest", "commitments", "reveals", "beacon", "seed", "members", "alternates"}
LIST = {
    "algorithm", "stage", "attempt", "frozen_at", "rulebook", "manifest", "standing", "seats", "pools", "parties",
    "beacon", "eligible", "excluded", "earlier",
}  # fmt: skip
_WORDS = {"seed": "种子", "members": "抽中的专家", "alternates": "候补专家"}


def canonical(value: Any) -> bytes:
    """Sorted keys, no white space, UTF-8: the form that digests are taken over."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def thirty_two(text: str) -> bytes:
    """The 32 bytes behind 64 lower-case hex digits."""
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise ValueError("应为64位小写十六进制字符")
    return bytes.fromhex(text)


def commitment_to(list_digest: str, party: str, secret: str) -> str:
    """A party's commitment to its secret for the list with this digest."""
    content = b"fangbang-draw-2 commitment\0" + thirty_two(list_digest) + party.encode() + b"\0" + thirty_two(secret)
    return hashlib.sha256(content).hexdigest()


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


def recompute(document: dict[str, Any], opened: list[str], beacon: str | None = None) -> dict[str, Any]:
    """Seed, members and alternates that the list, the secrets in its order of parties and the beacon give."""
    label = b"fangbang-draw-2 seed\0"
    parts = [hashlib.sha256(canonical(document)).digest(), *map(thirty_two, opened)]
    parts += [] if beacon is None else [thirty_two(beacon)]
    seed = hashlib.sha256(label + b"".join(parts)).digest()
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
    document = transcript["list"]
    if document["algorithm"] != ALGORITHM:
        return [f"不认识的抽取算法“{document['algorithm']}”，本程序只核验 {ALGORITHM}"]
    found = []
    if set(transcript) != TRANSCRIPT or set(document) != LIST:
        found.append("字段与抽取记录的格式不符")
    if hashlib.sha256(canonical(document)).hexdigest() != transcript["list_digest"]:
        found.append("名单与名单摘要不符")
    if len({entry["expert"] for entry in document["eligible"]}) != len(document["eligible"]):
        found.append("名单中有重复的专家")
    if (document["beacon"] is None) != (transcript["beacon"] is None):
        found.append("公共随机数与名单所列不符")
    found += _wrong_parties(transcript)
    if not found:
        opened = [reveal["secret"] for reveal in transcript["reveals"]]
        right = recompute(document, opened, transcript["beacon"])
        # Compared as they are written: to Python 1 and true are the same.
        wrong = [name for name in right if canonical(right[name]) != canonical(transcript[name])]
        found += [f"{_WORDS[name]}与按种子重算的不符" for name in wrong]
    return found


def _wrong_parties(transcript: dict[str, Any]) -> list[str]:
    """At least two parties, each with a commitment to the secret that it revealed, in the list's order."""
    parties = [party["key"] for party in transcript["list"]["parties"]]
    found = [] if len(set(parties)) == len(parties) >= 2 else ["参加抽取的不足两方"]
    for kind in ("commitments", "reveals"):
        if [entry["party"] for entry in transcript[kind]] != parties:
            return [*found, "承诺值、密值与名单所列各方不符"]
    for party, made, opened in zip(parties, transcript["commitments"], transcript["reveals"]):  # noqa: B905 - 3.9
        if len(made) != 2 or len(opened) != 2:
            found.append(f"{party} 的承诺值或密值多出内容")
        if commitment_to(transcript["list_digest"], party, opened["secret"]) != made["commitment"]:
            found.append(f"{party} 的密值与事先的承诺值不符")
    return found


def verify_draw(content: bytes, digest: str | None = None) -> list[str]:
    """Problems of a transcript file's bytes; one that cannot be read is a problem too."""
    try:
        transcript = json.loads(content)
        found = problems(transcript)
        if not found and canonical(transcript) != content:
            found.append("文件不是规范形式，内容被改动过")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError, RecursionError) as trouble:
        return [f"不是抽取记录：{trouble!r}"]
    if digest is not None and hashlib.sha256(content).hexdigest() != digest.lower():
        found.append("文件与给定的摘要不符")
    return found


def ledger_problems(content: bytes, index_of: Callable[[str, str], int | None]) -> list[str]:
    """What is wrong with the order of things in the ledger, for a transcript that is right in itself.

    ``index_of(public, kind)`` gives the place of the first entry of that kind with that public digest.
    """
    transcript = json.loads(content)
    listed = index_of(transcript["list_digest"], "pool.frozen")
    committed = [index_of(one["commitment"], f"draw.committed.{one['party']}") for one in transcript["commitments"]]
    drawn = index_of(hashlib.sha256(content).hexdigest(), "panel.drawn")
    found = []
    if listed is None or drawn is None or any(one is None or not listed < one < drawn for one in committed):
        found.append("名单、各方承诺值和抽取没有按先后登记入账")
    for earlier in transcript["list"]["earlier"]:
        kinds = ["pool.frozen", *(f"draw.silent.{party}" for party in earlier["silent"])]
        if any(index_of(earlier["list_digest"], kind) is None for kind in kinds):
            found.append(f"第{earlier['attempt']}次抽取没有如实登记入账")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Verify the files named on the command line, or prepare a secret."""
    parser = argparse.ArgumentParser(description="核验专家抽取记录")
    parser.add_argument("transcripts", nargs="*", type=Path, help="抽取记录 draw-transcript.json")
    parser.add_argument("--digest", help="账本或抽取页面上显示的记录摘要（64 位十六进制）")
    parser.add_argument("--new-secret", nargs=2, metavar=("LIST_DIGEST", "PARTY"), help="生成一个密值及其承诺值")
    given = parser.parse_args(arguments)
    if given.new_secret:
        return new_secret(*given.new_secret)
    if not given.transcripts:
        parser.error("请给出抽取记录文件，或用 --new-secret 生成密值")
    wrong = 0
    for path in given.transcripts:
        try:
            found = verify_draw(path.read_bytes(), given.digest)
        except OSError as trouble:
            found = [f"文件无法读取：{trouble.strerror}"]
        print(f"{path}: {'抽取重算一致' if not found else '；'.join(found)}")
        wrong += bool(found)
    return 1 if wrong else 0


def new_secret(list_digest: str, party: str) -> int:
    """Print a fresh secret and a party's commitment to it for a list."""
    secret = secrets.token_hex(32)
    try:
        commitment = commitment_to(list_digest, party, secret)
    except ValueError as trouble:
        print(f"名单摘要不正确：{trouble}", file=sys.stderr)
        return 1
    print(f"密值（自行保管，公开前不要告诉任何人）：{secret}")
    print(f"承诺值（现在提交）：{commitment}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
