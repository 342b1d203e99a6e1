"""A whole invented bundle: ledger with two sources, signed checkpoint, draw, sheets, means, ranks."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.publication import bundles
from services.ranking.actions.stability import as_json
from services.ranking.domain.decisions import Quota
from services.ranking.domain.stability import Scored, examine
from services.review.verify_draw import ALGORITHM, commitment_to, recompute
from shared.kernel.canonical import canonical, digest, plain
from shared.kernel.chain import GENESIS, ledger_link, link
from shared.rulebook import TrimmedMean, mean

CATEGORY = str(UUID(int=5))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CASES = (str(UUID(int=1)), str(UUID(int=2)))
SECRETS = {"office": "ab" * 32, "supervisor": "cd" * 32}
ATTESTING = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


class Ledger:
    """Appends entries as office does."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._heads: dict[str, tuple[int, str]] = {}

    def append(self, source: str, kind: str, public: str | None, category_id: str = CATEGORY) -> None:
        number, chain = self._heads.get(source, (0, GENESIS))
        entry = digest({"salted": number, "source": source})
        self._heads[source] = number + 1, link(chain, number + 1, kind, entry)
        row: dict[str, Any] = {
            "index": len(self.entries) + 1,
            "source": source,
            "number": number + 1,
            "type": kind,
            "digest": entry,
            "source_chain": self._heads[source][1],
            "occurred_at": "2026-05-07T01:00:00.000000Z",
            "category_id": category_id,
            "public": public,
        }
        whole = self.entries[-1]["chain"] if self.entries else GENESIS
        self.entries.append({**row, "chain": ledger_link(whole, row)})

    def part(self) -> dict[str, Any]:
        body = f"演练账本\n{len(self.entries)}\n{self.entries[-1]['chain']}\n2026-05-07T01:00:00.000000Z\n"
        return {
            "format": "fangbang.ledger/1",
            "public_key": KEY.public_key().public_bytes_raw().hex(),
            "checkpoint": f"{body}\n— office {KEY.sign(body.encode()).hex()}\n",
            "entries": self.entries,
        }


def draw_transcript() -> dict[str, Any]:
    """Of a second attempt, after one in which the supervisor was silent."""
    silent = {"attempt": 1, "list_digest": "a" * 64, "commitments": [], "reveals": [], "silent": ["supervisor"]}
    document = {
        **dict.fromkeys(("stage", "frozen_at", "rulebook", "manifest", "standing"), "演练"),
        "algorithm": ALGORITHM,
        "attempt": 2,
        "seats": 3,
        "pools": [
            {"key": "a", "name": "甲库", "min": 1, "alternates": 1},
            {"key": "b", "name": "乙库", "min": 1, "alternates": 1},
        ],
        "parties": [{"key": party, "name": "演练"} for party in SECRETS],
        "beacon": None,
        "eligible": [{"expert": f"{pool}{n}", "pool": pool} for pool in "ab" for n in range(5)],
        "excluded": [],
        "earlier": [{**silent, "void_reason": "监督员逾期未公开密值", "transcript_digest": None}],
    }
    listed = digest(document)
    return {
        "list": document,
        "list_digest": listed,
        "commitments": [
            {"party": party, "commitment": commitment_to(listed, party, secret)} for party, secret in SECRETS.items()
        ],
        "reveals": [{"party": party, "secret": secret} for party, secret in SECRETS.items()],
        "beacon": None,
        **recompute(document, list(SECRETS.values())),
    }


def panel_key() -> dict[str, Any]:
    return {
        "stage": "stage-1",
        "generation": 1,
        "public_key": "cd" * 32,
        "threshold": 2,
        "shares": [{"number": n, "role": role, "digest": str(n) * 64} for n, role in enumerate("abc", 1)],
        "attestation_key": ATTESTING.public_key().public_bytes_raw().hex(),
    }


def attestation(content: dict[str, Any]) -> dict[str, str]:
    statement = {"sheet": digest(content), "expert": content["expert"], "panel_key": digest(panel_key())}
    return {
        "statement": canonical(statement).decode(),
        "key": ATTESTING.public_key().public_bytes_raw().hex(),
        "signature": ATTESTING.sign(canonical(statement)).hex(),
    }


def sheets_and_dossiers(trimmed: TrimmedMean | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    sheets, dossiers = [], []
    for place, number in enumerate(("XZ-2026-001", "XZ-2026-002"), 1):
        records = []
        for expert in range(1, 4):
            judged = {"innovation": str(10 - place), "growth": f"{expert}.5"}
            content = {
                "case_number": number,
                "expert": f"专家{expert}",
                "judgements": judged,
                "salt": f"{place}{expert}",
            }
            sheets.append({"digest": digest(content), "content": content, "attestation": attestation(content)})
            total = str(10 - place + expert) + ".5"
            record = {"sheet_digest": digest(content), "judgements": judged, "items": judged, "total": total}
            records.append({"expert": f"专家{expert}", **record})
        found = mean([Decimal(record["total"]) for record in records], trimmed)
        dossiers.append(
            {
                "number": number,
                "case_id": CASES[place - 1],
                "sheets": records,
                "mean_numerator": found.numerator,
                "mean_denominator": found.denominator,
            }
        )
    return {"sheets": sheets, "trimmed": plain(trimmed)}, dossiers


def examined(dossiers: list[dict[str, Any]], seed: str, trimmed: TrimmedMean | None) -> dict[str, Any]:
    """How firmly the ranking of the dossiers stands at a quota of one, as the service finds it."""
    cases = [
        Scored(
            UUID(dossier["case_id"]),
            dossier["number"],
            None,
            {record["expert"]: Decimal(record["total"]) for record in dossier["sheets"]},
        )
        for dossier in dossiers
    ]
    quota = Quota(count=1, article="x", shares={}, strict=False, share_article=None)
    return as_json(examine(cases, quota, seed, 50, trimmed))


def write(folder: Path, trimmed: TrimmedMean | None = None) -> Path:
    """The auditor's bundle of an invented list, as a file in a folder."""
    ledger, transcript = Ledger(), draw_transcript()
    sheets, dossiers = sheets_and_dossiers(trimmed)
    text = "【演练】公示"
    listed = {"manifest_digest": "1" * 64, "entries": [{"place": 1, "name": "演练企业001", "number": "XZ-2026-001"}]}
    ledger.append("review", "pool.frozen", "a" * 64)
    ledger.append("review", "draw.silent.supervisor", "a" * 64)
    ledger.append("review", "pool.frozen", transcript["list_digest"])
    for made in transcript["commitments"]:
        ledger.append("review", f"draw.committed.{made['party']}", made["commitment"])
    ledger.append("ranking", "manifest.frozen", "1" * 64)
    ledger.append("review", "panel.drawn", digest(transcript))
    ledger.append("review", "panel.key_formed", digest(panel_key()))
    for sheet in sheets["sheets"]:
        ledger.append("review", "sheet.signed", sheet["digest"])
    posting = {
        "posting_id": str(UUID(int=7)),
        "kind": "notice",
        "channel": "演练网站",
        "address": "/lists/7",
        "digest": hashlib.sha256(text.encode()).hexdigest(),
        "posted_at": "2026-05-07T01:00:00.000000Z",
    }
    ledger.append("publication", "posting.recorded", digest(posting))
    ledger.append("publication", "posting.recorded", "9" * 64, category_id=str(UUID(int=9)))
    ledger.append("publication", "list.prepared", digest(listed))
    ranking: dict[str, Any] = {
        "entries": [
            {
                "case_id": dossier["case_id"],
                "number": dossier["number"],
                "class": None,
                "mean": [dossier["mean_numerator"], dossier["mean_denominator"]],
                "tie_values": [],
                "vetoed": False,
                "struck": None,
                "dossier_digest": digest(dossier),
            }
            for dossier in dossiers
        ],
        "ranks": {CASES[0]: {"rank": 1}, CASES[1]: {"rank": 2}},
        "stage_id": "stage-1",
        "rulebook_digest": "f" * 64,
    }
    fixed = [{name: value for name, value in one.items() if name != "struck"} for one in ranking["entries"]]
    ranking["input_digest"] = digest({"stage_id": "stage-1", "rulebook": ranking["rulebook_digest"], "entries": fixed})
    ledger.append("ranking", "ranking.inputs_fixed", ranking["input_digest"])
    ledger.append("review", "panel.unsealed", "8" * 64)
    stability = examined(dossiers, ranking["input_digest"], trimmed)
    ledger.append("ranking", "stability.computed", digest(stability))
    poll = {
        "counts": {"a": 2, "b": 1},
        "votes": [{"receipt": "1", "choices": ["a"]}, {"receipt": "2", "choices": ["a", "b"]}],
    }
    ledger.append("publication", "votes.counted", digest(poll))
    files = {
        "list.json": canonical(listed),
        "postings.json": canonical({"postings": [{**posting, "text": text}]}),
        "office/ledger.json": canonical(ledger.part()),
        "review/draw-transcript.json": canonical(transcript),
        "review/panel-key.json": canonical(panel_key()),
        "review/sheets.json": canonical(sheets),
        "ranking/ranking.json": canonical(ranking),
        "ranking/stability.json": canonical({"stage_id": "stage-1", **stability}),
        "publication/votes.json": canonical(poll),
        **{f"review/dossiers/{digest(dossier)}.json": canonical(dossier) for dossier in dossiers},
    }
    about = {
        "category": "演练项目",
        "audience": "auditor",
        "list_digest": digest(listed),
        "manifest_digest": "1" * 64,
    }
    bundle = folder / "bundle.zip"
    bundle.write_bytes(bundles.build(about, files))
    return bundle


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Change a file of an unpacked bundle and its digest in MANIFEST.json, as a forger would."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "MANIFEST.json").read_bytes())
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / "MANIFEST.json").write_text(json.dumps(manifest), "utf-8")
