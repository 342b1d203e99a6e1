"""Verify a bundle of a released list, with nothing but Python's standard library (3.9 or newer).

    python3 verify_bundle.py FOLDER_OR_ZIP [--key HEX]

Checks that the bundle says of itself what it is and leaves nothing out that the ledger has of its category, that
every file has the digest that MANIFEST.json names, that the list is the one that stands in the ledger,
that the ledger's chains hold and its checkpoint is signed, that the draw follows from list and secrets, that votes
count up, that panels' keys were split and in the ledger, and, in an auditor's bundle, that sheets are attested and
means and ranks follow from them, and how firmly the ranking stands from them and the recorded seed. Prints a plain
table; exit code 0 only if nothing is wrong. ``--key`` is the ledger's public key from another channel (64 hex digits).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

FORMAT = "fangbang-bundle/1"
GENESIS = "0" * 64
UNREADABLE = (
    KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError, RecursionError, OSError,
    zipfile.BadZipFile,
)  # fmt: skip
"""What reading something else than a bundle, or a damaged one, ends in."""


def canonical(value: Any) -> bytes:
    """Sorted keys, no white space, UTF-8: the form that digests are taken over."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(value)).hexdigest()


# -- Ed25519 after RFC 8032 ------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(a: Any, b: Any) -> Any:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    m, n, o, q = f - e, h - g, h + g, f + e
    return (m * n % P, o * q % P, n * o % P, m * q % P)


def _times(scalar: int, point: Any) -> Any:
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point, scalar = _add(point, point), scalar >> 1
    return total


def _same(a: Any, b: Any) -> bool:
    return not ((a[0] * b[2] - b[0] * a[2]) % P or (a[1] * b[2] - b[1] * a[2]) % P)


def _point(encoded: bytes) -> Any:
    """The point of 32 bytes, or None when there is none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


_BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature of 64 bytes over the message is the key's."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public_key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    return _same(_times(scalar, _BASE), _add(commitment, _times(challenge, key)))


# -- the ledger ------------------------------------------------------------------------------------------------------


def source_link(previous: str, entry: dict[str, Any]) -> str:
    """The chain value of a source's own chain."""
    return digest({"previous": previous, "number": entry["number"], "type": entry["type"], "digest": entry["digest"]})


def ledger_link(previous: str, entry: dict[str, Any]) -> str:
    """The chain value of the whole ledger's chain: the entry without its own chain value."""
    return digest({**{name: entry[name] for name in entry if name != "chain"}, "previous": previous})


def check_ledger(ledger: dict[str, Any]) -> list[str]:
    """Numbers without gaps, both chains from the first entry on."""
    found: list[str] = []
    whole, heads, numbers = GENESIS, {}, Counter()  # type: ignore[var-annotated]
    for index, entry in enumerate(ledger["entries"], 1):
        source = entry["source"]
        numbers[source] += 1
        heads[source] = source_link(heads.get(source, GENESIS), entry)
        whole = ledger_link(whole, entry)
        if (entry["index"], entry["number"]) != (index, numbers[source]):
            found.append(f"第{index}条编号不连续")
        if heads[source] != entry["source_chain"] or whole != entry["chain"]:
            return [*found, f"第{index}条（{source} 第{entry['number']}号）的链值不符，其后不再核验"]
    return found


def check_checkpoint(ledger: dict[str, Any], key: str | None) -> list[str]:
    """The signed statement is about exactly this ledger, by the right key."""
    body, _, signed = ledger["checkpoint"].partition("\n\n")
    body += "\n"
    lines, signature = body.split("\n"), signed.strip().rsplit(" ", 1)[-1]
    size, head = int(lines[1]), lines[2]
    entries, public_key = ledger["entries"], ledger["public_key"]
    found = []
    if key is not None and key.lower() != public_key:
        found.append("公钥与另行取得的不一致")
    if size != len(entries) or head != (entries[-1]["chain"] if entries else GENESIS):
        found.append("检查点说的不是这份账本")
    if not signature_holds(bytes.fromhex(public_key), body.encode(), bytes.fromhex(signature)):
        found.append("检查点签名不成立")
    return found


# -- the bundle ------------------------------------------------------------------------------------------------------


class Bundle:
    """The files of a bundle and what its ledger says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / "MANIFEST.json").read_bytes())
        self.ledger: dict[str, Any] | None = self.read("office/ledger.json")

    def read(self, name: str) -> Any:
        """A JSON file of the bundle, or None."""
        path = self.folder / name
        return json.loads(path.read_bytes()) if path.is_file() else None

    def named(self, beginning: str) -> list[Path]:
        """The JSON files that begin so."""
        folder, _, stem = beginning.rpartition("/")
        return sorted((self.folder / folder).glob(f"{stem}*.json"))

    def index_of(self, public: str, kind: str = "") -> int | None:
        """Where a public digest first stands in the ledger."""
        for entry in (self.ledger or {"entries": ()})["entries"]:
            if entry["public"] == public and kind in ("", entry["type"]):
                return int(entry["index"])
        return None


AUDITED = {
    "evaluation.completed": ("ranking/evaluation.json",),
    "panel.unsealed": ("review/sheets.json", "review/order-sheets.json"),
    "ranking.inputs_fixed": ("ranking/ranking.json",),
    "stability.computed": ("ranking/stability.json",),
}
"""What an auditor's bundle has, one of these files each, once the ledger says so of its category; a public one none."""


def check_about(bundle: Bundle) -> list[str]:
    """The bundle is of the known format, for the readers it names, and has all that the ledger says was made."""
    about, found = bundle.manifest, []
    if about["format"] != FORMAT:
        found.append(f"格式 {about['format']} 不是本程序核验的 {FORMAT}")
    if about["audience"] not in ("public", "auditor"):
        found.append(f"没有名为 {about['audience']} 的一种证明包")
    kept = [name for names in AUDITED.values() for name in names if (bundle.folder / name).is_file()]
    if about["audience"] == "public":
        kept += [path.name for path in bundle.named("review/dossiers/") + bundle.named("ranking/dossiers/")]
        return found + [f"公开的证明包里有只供审计的 {name}" for name in kept]
    own = {entry["type"] for entry in _own_entries(bundle)}
    for kind in sorted(own & set(AUDITED)):
        if not set(AUDITED[kind]) & set(kept):
            found.append(f"账本中有 {kind}，却缺少 {' 或 '.join(AUDITED[kind])}")
    return found


def _own_entries(bundle: Bundle) -> list[dict[str, Any]]:
    """The ledger's entries of the category that the list was prepared for, as the ledger says."""
    entries = (bundle.ledger or {"entries": ()})["entries"]
    listed = hashlib.sha256((bundle.folder / "list.json").read_bytes()).hexdigest()
    categories = {one["category_id"] for one in entries if (one["type"], one["public"]) == ("list.prepared", listed)}
    return [one for one in entries if one["category_id"] in categories]


def check_files(bundle: Bundle) -> list[str]:
    """Every file as named, none missing, none added."""
    named: dict[str, str] = bundle.manifest["files"]
    there = {path.relative_to(bundle.folder).as_posix() for path in bundle.folder.rglob("*") if path.is_file()}
    found = [f"缺少 {name}" for name in sorted(set(named) - there)]
    found += [f"多出 {name}" for name in sorted(there - set(named) - {"MANIFEST.json"}) if "__pycache__" not in name]
    for name in sorted(set(named) & there):
        if hashlib.sha256((bundle.folder / name).read_bytes()).hexdigest() != named[name]:
            found.append(f"{name} 的内容与摘要不符")
    return found


def check_list(bundle: Bundle) -> list[str]:
    """The list is the prepared one, and the ledger holds it and the manifest it comes from."""
    content = (bundle.folder / "list.json").read_bytes()
    shown, wanted = hashlib.sha256(content).hexdigest(), bundle.manifest["list_digest"]
    found = [] if shown == wanted else ["名单与清单所列摘要不符"]
    if canonical(json.loads(content)) != content:
        found.append("名单不是规范形式")
    if json.loads(content)["manifest_digest"] != bundle.manifest["manifest_digest"]:
        found.append("名单所依据的移交清单不符")
    if bundle.ledger is not None:
        if bundle.index_of(shown, "list.prepared") is None:
            found.append("账本中没有登记这份名单")
        if bundle.index_of(bundle.manifest["manifest_digest"], "manifest.frozen") is None:
            found.append("账本中没有登记最终名单的移交清单")
    return found


def check_postings(bundle: Bundle) -> list[str]:
    """What was posted, where and when has the digest that the ledger holds, and nothing that it holds is missing."""
    found, stated = [], set()
    for posting in (bundle.read("postings.json") or {"postings": ()})["postings"]:
        shown = digest({name: posting[name] for name in posting if name != "text"})
        stated.add(shown)
        if hashlib.sha256(posting["text"].encode()).hexdigest() != posting["digest"]:
            found.append(f"{posting['posted_at']} 的发布文本与摘要不符")
        elif bundle.ledger is not None and bundle.index_of(shown, "posting.recorded") is None:
            found.append(f"{posting['posted_at']} 的发布（文本、渠道、地址或时间）没有这样登记入账")
    recorded = [one for one in _own_entries(bundle) if one["type"] == "posting.recorded"]
    return found + [f"缺少账本第{one['index']}条登记的发布" for one in recorded if one["public"] not in stated]


def check_draws(bundle: Bundle) -> list[str]:
    """Each draw follows from its list and secrets, and the ledger holds list, commitments and draw in this order."""
    found = []
    program = _draw_program()
    for path in bundle.named("review/draw-transcript"):
        content = path.read_bytes()
        if program is None:
            problems = ["请把 verify_draw.py 放在本程序旁边，才能重算抽取"]
        else:
            problems = program.verify_draw(content)
            if not problems and bundle.ledger is not None:
                problems = program.ledger_problems(content, bundle.index_of)
        found += [f"{path.name}: {problem}" for problem in problems]
    return found


def _draw_program() -> Any:
    """The draw's own verifier from beside this file, or in the project from where the draw is; None when there is none.

    Never the copy that lies in the bundle under test: whoever forged the one could have written the other.
    """
    here = Path(__file__).resolve()
    for place in (here.parent, *(root / "services" / "review" for root in here.parents[2:3])):
        path = place / "verify_draw.py"
        spec = importlib.util.spec_from_file_location("verify_draw", path)
        if path.is_file() and spec is not None and spec.loader is not None:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return None


def check_votes(bundle: Bundle) -> list[str]:
    """The counts are those of the votes, and no receipt stands twice."""
    poll = bundle.read("publication/votes.json")
    receipts = [vote["receipt"] for vote in poll["votes"]]
    counted = Counter(choice for vote in poll["votes"] for choice in vote["choices"])
    found = [] if len(set(receipts)) == len(receipts) else ["同一回执出现两次"]
    wrong = [name for name, count in poll["counts"].items() if counted[name] != count]
    if bundle.ledger is not None and bundle.index_of(digest(poll), "votes.counted") is None:
        found.append("计票没有登记入账")
    return found + [f"候选对象 {name} 的票数与重算不符" for name in wrong]


def check_sheets(bundle: Bundle) -> list[str]:
    """Every signed sheet has its digest and attestation; the ledger holds it from the signing on, after the key."""
    found = []
    keys = {digest(key): key for key in _panel_keys(bundle)}
    for sheet in _signed(bundle):
        name = f"{sheet['content'].get('case_number', '排序票')}/{sheet['content']['expert']}"
        if digest(sheet["content"]) != sheet["digest"]:
            found.append(f"计分表 {name} 与摘要不符")
            continue
        found += [f"计分表 {name} {trouble}" for trouble in _wrong_attestation(sheet, keys)]
        signed, formed = bundle.index_of(sheet["digest"]), bundle.index_of(_key_of(sheet), "panel.key_formed")
        if bundle.ledger is None:
            continue
        if signed is None:
            found.append(f"计分表 {name} 没有登记入账")
        elif formed is None or formed > signed:
            found.append(f"计分表 {name} 在密钥登记入账之前签署")
    return found


def _signed(bundle: Bundle) -> list[dict[str, Any]]:
    """Score sheets and order sheets."""
    sheets = bundle.read("review/sheets.json") or {"sheets": []}
    orders = bundle.read("review/order-sheets.json") or {"orders": []}
    return [*sheets["sheets"], *orders["orders"]]


def _key_of(sheet: dict[str, Any]) -> str:
    return str(json.loads(sheet["attestation"]["statement"])["panel_key"])


def _wrong_attestation(sheet: dict[str, Any], keys: dict[str, Any]) -> list[str]:
    """What is wrong with the service's attestation of a sheet: who signed what, sealed to which key, when."""
    attestation = sheet["attestation"]
    statement = json.loads(attestation["statement"])
    key = keys.get(statement["panel_key"])
    if key is None or key["attestation_key"] != attestation["key"]:
        return ["的系统存证不属于登记的审查组密钥"]
    same = (statement["sheet"], statement["expert"]) == (sheet["digest"], sheet["content"]["expert"])
    public, signature = bytes.fromhex(attestation["key"]), bytes.fromhex(attestation["signature"])
    if not same or not signature_holds(public, attestation["statement"].encode(), signature):
        return ["的系统存证不成立"]
    return []


def _panel_keys(bundle: Bundle) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in bundle.named("review/panel-key")]


def check_panel_keys(bundle: Bundle) -> list[str]:
    """Each panel's key, split among three custodians, was in the ledger before the unsealing."""
    found = []
    for path in bundle.named("review/panel-key"):
        key = json.loads(path.read_bytes())
        if len(key["shares"]) != 3 or key["threshold"] != 2 or len({one["digest"] for one in key["shares"]}) != 3:
            found.append(f"{path.name}: 密钥不是三份中任意两份可以拆封")
        if bundle.ledger is not None and bundle.index_of(digest(key), "panel.key_formed") is None:
            found.append(f"{path.name}: 密钥说明没有登记入账")
    return found


def total_of(items: dict[str, str], groups: list[Any]) -> Fraction:
    """The sum of the items; of the alternatives of a group the best alone, at most the group's points."""
    total = sum(map(Fraction, items.values()), Fraction(0))
    for group in groups:
        given = [Fraction(items[item]) for item in group["items"] if item in items]
        if group["mode"] == "any_of" and given:
            total += min(Fraction(group["points"]), max(given)) - sum(given)
    return total


def kept_of(totals: list[tuple[Any, int]], trimmed: dict[str, int] | None) -> list[tuple[Any, int]]:
    """What a mean counts of totals that stand so many times each: all, or without the lowest and highest."""
    if trimmed is None or sum(times for _, times in totals) < trimmed["min_sheets"]:
        return totals
    for count, falling in ((trimmed["lowest"], False), (trimmed["highest"], True)):
        left = []
        for total, times in sorted(totals, reverse=falling):
            gone = min(times, count)
            count -= gone
            left += [(total, times - gone)] * (times > gone)
        totals = left
    return totals


def mean_of(totals: list[tuple[Any, int]], trimmed: dict[str, int] | None) -> tuple[Any, int]:
    """Sum and weight of what counts of totals that stand so many times each."""
    kept = kept_of(totals, trimmed)
    return sum(total * times for total, times in kept), sum(times for _, times in kept)


def check_means(bundle: Bundle) -> list[str]:
    """Each case's mean is that of its sheets' totals, each total made up of its items, all of them signed sheets."""
    found, part = [], bundle.read("review/sheets.json")
    signed = {sheet["digest"]: sheet["content"] for sheet in part["sheets"]}
    if not bundle.named("review/dossiers/"):
        return ["缺少审查卷宗，无法重算平均分"]
    for path in bundle.named("review/dossiers/"):
        case = json.loads(path.read_bytes())
        number, totals = case["number"], []
        for sheet in case["sheets"]:
            totals.append(Fraction(sheet["total"]))
            if total_of(sheet["items"], part.get("groups", [])) != totals[-1]:
                found.append(f"{number}：计分表合计与各项之和不符")
            if signed.get(sheet["sheet_digest"], {}).get("judgements") != sheet["judgements"]:
                found.append(f"{number}：用到的计分表不是已签署的那份")
        mean = Fraction(case["mean_numerator"], case["mean_denominator"])
        total, weight = mean_of([(one, 1) for one in totals], part.get("trimmed"))
        if not weight or Fraction(total) / weight != mean:
            found.append(f"{number}：平均分与计分表不符")
    return found


def check_ranks(bundle: Bundle) -> list[str]:
    """Ranks follow from means and tie values, each class by itself; equal ones share the better rank."""
    ranking = bundle.read("ranking/ranking.json")
    found, classes = [], {}  # type: ignore[var-annotated]
    # A decision that follows filings at once ranks no reviews; the filings themselves are in no bundle.
    reviewed = any(one["type"] == "panel.unsealed" for one in _own_entries(bundle))
    for entry in ranking["entries"]:
        rank = ranking["ranks"][entry["case_id"]]["rank"]
        found += _wrong_dossier(bundle, entry, reviewed)
        if (rank is None) != bool(entry["vetoed"] or entry["struck"]):
            found.append(f"{entry['number']}：退出或被否决的没有名次，其余各案都有名次")
        elif rank is not None:
            classes.setdefault(entry["class"], []).append((_standing(entry), entry["number"], rank))
    for rows in classes.values():
        for standing, number, rank in rows:
            better = sum(other < standing for other, _, _ in rows)
            if rank != better + 1:
                found.append(f"{number}：名次 {rank} 与重算的 {better + 1} 不符")
    return found


def check_inputs(bundle: Bundle) -> list[str]:
    """What decides the ranks has the digest that stood in the ledger when they were computed."""
    ranking = bundle.read("ranking/ranking.json")
    fixed = [{name: entry[name] for name in entry if name != "struck"} for entry in ranking["entries"]]
    shown = digest({"stage_id": ranking["stage_id"], "rulebook": ranking["rulebook_digest"], "entries": fixed})
    if shown != ranking["input_digest"]:
        return ["排序依据的数据与摘要不符"]
    if bundle.ledger is not None and bundle.index_of(shown, "ranking.inputs_fixed") is None:
        return ["排序依据没有登记入账"]
    return []


def _standing(entry: dict[str, Any]) -> tuple[Any, ...]:
    """Smaller is better: the mean, then each tie value, unknown ones last."""
    ties = [(1, Fraction(0)) if value is None else (0, -Fraction(value)) for value in entry["tie_values"]]
    return (-Fraction(int(entry["mean"][0]), int(entry["mean"][1])), *ties)


def _wrong_dossier(bundle: Bundle, entry: dict[str, Any], reviewed: bool) -> list[str]:
    """The review behind a rank is there, under the digest that the ledger holds, with the mean it was ranked by."""
    case = bundle.read(f"review/dossiers/{entry['dossier_digest']}.json")
    if case is None:
        there = (bundle.folder / "ranking" / "dossiers" / f"{entry['dossier_digest']}.json").is_file()
        return [] if there or not reviewed else [f"{entry['number']}：缺少排序所依据的卷宗"]
    same = Fraction(case["mean_numerator"], case["mean_denominator"]) == Fraction(*map(int, entry["mean"]))
    return [] if same else [f"{entry['number']}：排序所用平均分与审查卷宗不符"]


# -- how firmly a ranking stands -------------------------------------------------------------------------------------


def check_stability(bundle: Bundle) -> list[str]:
    """The examination that the committee saw follows from the sheets and the seed, and stood in the ledger."""
    part, ranking = bundle.read("ranking/stability.json"), bundle.read("ranking/ranking.json")
    kept = {name: part[name] for name in part if name != "stage_id"}
    found = [] if kept["seed"] == ranking["input_digest"] else ["种子不是排序依据的摘要"]
    if bundle.ledger is not None and bundle.index_of(digest(kept), "stability.computed") is None:
        found.append("稳定性没有登记入账")
    cases = [_examined(bundle, entry) for entry in ranking["entries"] if entry["case_id"] in kept["inside"]]
    if any(case is None for case in cases) or len(cases) != len(kept["inside"]):
        return [*found, "缺少审查卷宗，无法重算稳定性"]
    places = {line["class"]: int(line["places"]) for line in kept["lines"]}
    sheets = bundle.read("review/sheets.json") or {}
    again = Stability([case for case in cases if case], places, sheets.get("trimmed")).said(kept["seed"], kept["runs"])
    names = {"inside": "入围比例", "left_out": "去掉一名专家的结果", "lines": "名额线的结论"}
    return found + [f"{words}与重算的不符" for name, words in names.items() if _unordered(kept[name]) != again[name]]


def _examined(bundle: Bundle, entry: dict[str, Any]) -> dict[str, Any] | None:
    """A case with the totals of its sheets."""
    dossier = bundle.read(f"review/dossiers/{entry['dossier_digest']}.json")
    return dossier and {**entry, "totals": {sheet["expert"]: Fraction(sheet["total"]) for sheet in dossier["sheets"]}}


def _unordered(value: Any) -> Any:
    """Lists of ids sorted, so that only what is in them counts."""
    if isinstance(value, dict):
        return {name: _unordered(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(value) if all(isinstance(one, str) for one in value) else [_unordered(one) for one in value]
    return value


def drawn(experts: list[str], seed: str, runs: int) -> Counter[tuple[int, ...]]:
    """How often each expert is drawn in each run, with replacement: bytes of SHA-256 over ``seed/0``, ``seed/1``, …,
    those from the greatest multiple of the number of experts on left out."""
    if not experts:
        return Counter()
    limit, block = 256 - 256 % len(experts), 0
    taken: list[int] = []
    while len(taken) < runs * len(experts):
        stream = hashlib.sha256(f"{seed}/{block}".encode()).digest()
        taken += [byte % len(experts) for byte in stream if byte < limit]
        block += 1
    starts = range(0, runs * len(experts), len(experts))
    return Counter(
        tuple(taken[start : start + len(experts)].count(one) for one in range(len(experts))) for start in starts
    )


class Stability:
    """Who is inside the quota line when experts count otherwise than once each."""

    def __init__(
        self, cases: list[dict[str, Any]], places: dict[Any, int], trimmed: dict[str, int] | None = None
    ) -> None:
        self.scale = lcm(*{total.denominator for case in cases for total in case["totals"].values()})
        self.cases = [
            {
                **case,
                "totals": {expert: int(total * self.scale) for expert, total in case["totals"].items()},
                "ties": _standing(case)[1:],
            }
            for case in sorted(cases, key=lambda case: str(case["number"]))
        ]
        self.places, self.trimmed = places, trimmed
        self.experts = sorted({expert for case in cases for expert in case["totals"]})

    def said(self, seed: str, runs: int) -> dict[str, Any]:
        """The whole examination, as a bundle has it."""
        once = tuple(1 for _ in self.experts)
        now, left_out = self.inside(once), []
        for place, expert in enumerate(self.experts if len(self.experts) > 1 else ()):
            then = self.inside(tuple(int(one != place) for one in range(len(self.experts))))
            enters = sorted(case for case in now if then[case] > now[case])
            leaves = sorted(case for case in now if then[case] < now[case])
            left_out.append({"expert": expert, "enters": enters, "leaves": leaves})
        share = dict.fromkeys(now, Fraction(0))
        for weights, times in drawn(self.experts, seed, runs).items():
            for case, part in self.inside(weights).items():
                if part:
                    share[case] += part * times
        inside = {case: total / runs for case, total in share.items()}
        lines = [
            self._line(group, inside, now, left_out) for group in dict.fromkeys(one["class"] for one in self.cases)
        ]
        return {"inside": {case: str(one) for case, one in inside.items()}, "left_out": left_out, "lines": lines}

    def inside(self, weights: tuple[int, ...]) -> dict[str, Fraction]:
        """The part of a place that each case has; equal ones at the line share what is left."""
        found: dict[str, Fraction] = {}
        for group, places in self.places.items():
            equals: dict[Any, list[str]] = {}
            means = [(case, *self._mean(case, weights)) for case in self.cases if case["class"] == group]
            common = lcm(*{weight for _, _, weight in means})
            for case, total, weight in means:
                equals.setdefault((-total * (common // weight), *case["ties"]), []).append(case["case_id"])
            at = 0
            for key in sorted(equals):
                part = Fraction(max(0, min(places, at + len(equals[key])) - at), len(equals[key]))
                found.update(dict.fromkeys(equals[key], part))
                at += len(equals[key])
        return found

    def _mean(self, case: dict[str, Any], weights: tuple[int, ...]) -> tuple[int, int]:
        """Sum and weight with these weights; a case of whose sheets none is left keeps its own mean."""
        totals = case["totals"]
        given = [(totals[one], weights[at]) for at, one in enumerate(self.experts) if one in totals and weights[at]]
        return mean_of(given or [(total, 1) for total in totals.values()], self.trimmed)

    def _points(self, case: dict[str, Any]) -> Fraction:
        total, weight = self._mean(case, tuple(1 for _ in self.experts))
        return Fraction(total, weight * self.scale)

    def _line(
        self, group: Any, inside: dict[str, Fraction], now: dict[str, Fraction], left_out: list[dict[str, Any]]
    ) -> dict[str, Any]:
        mine = [case for case in self.cases if case["class"] == group]
        ids = {case["case_id"] for case in mine}
        means = {case["case_id"]: self._points(case) for case in mine}
        within, without = [means[one] for one in ids if now[one] > 0], [means[one] for one in ids if now[one] < 1]
        contested = sorted(one for one in ids if Fraction(1, 10) < inside[one] < Fraction(9, 10))
        swayed_by = sorted(one["expert"] for one in left_out if ids & {*one["enters"], *one["leaves"]})
        return {
            "class": group,
            "places": self.places[group],
            "verdict": "blurred" if contested or swayed_by else "sharp",
            "gap": str(min(within) - max(without)) if within and without else None,
            "contested": contested,
            "swayed_by": swayed_by,
        }


def check_dossiers(bundle: Bundle) -> list[str]:
    """Every dossier in the bundle hashes to its name."""
    paths = [path for source in ("review", "ranking") for path in bundle.named(f"{source}/dossiers/")]
    return [
        f"卷宗 {path.stem[:12]}… 的内容与摘要不符"
        for path in paths
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem
    ]


# -- the table -------------------------------------------------------------------------------------------------------


def checks(bundle: Bundle, key: str | None) -> list[tuple[str, bool, Callable[[], list[str]]]]:
    """Name of each check, whether this bundle has what it needs, and the check."""
    ledger = bundle.ledger or {}
    has = {name: (bundle.folder / name).is_file() for name in ("review/sheets.json", "ranking/ranking.json")}
    return [
        ("证明包的种类与内容", True, lambda: check_about(bundle)),
        ("文件摘要", True, lambda: check_files(bundle)),
        ("名单摘要", True, lambda: check_list(bundle)),
        ("账本链", bundle.ledger is not None, lambda: check_ledger(ledger)),
        ("检查点签名", bundle.ledger is not None, lambda: check_checkpoint(ledger, key)),
        ("公告与公示", True, lambda: check_postings(bundle)),
        ("抽取重算", bool(bundle.named("review/draw-transcript")), lambda: check_draws(bundle)),
        ("计票重算", (bundle.folder / "publication/votes.json").is_file(), lambda: check_votes(bundle)),
        ("卷宗摘要", bool(bundle.named("review/dossiers/")), lambda: check_dossiers(bundle)),
        ("审查组密钥", bool(bundle.named("review/panel-key")), lambda: check_panel_keys(bundle)),
        ("计分表", bool(_signed(bundle)), lambda: check_sheets(bundle)),
        ("平均分重算", has["review/sheets.json"], lambda: check_means(bundle)),
        ("排序依据", has["ranking/ranking.json"], lambda: check_inputs(bundle)),
        ("名次重算", has["ranking/ranking.json"], lambda: check_ranks(bundle)),
        ("稳定性重算", (bundle.folder / "ranking/stability.json").is_file(), lambda: check_stability(bundle)),
    ]


def verify(folder: Path, key: str | None = None) -> tuple[list[str], int]:
    """The lines of the table, and how many checks failed."""
    bundle = Bundle(folder)
    about = bundle.manifest
    lines = [f"{about['category']}　{about['audience']}　名单摘要 {about['list_digest']}"]
    wrong = 0
    for name, applies, check in checks(bundle, key):
        try:
            found = check() if applies else []
        except UNREADABLE as trouble:
            found = [f"无法读取：{trouble!r}"]
        wrong += bool(found)
        lines.append(f"  {'不符' if found else '通过' if applies else '不适用':<4}　{name}")
        lines += [f"          {problem}" for problem in found]
    if bundle.ledger is not None:
        lines.append(f"  账本公钥 {bundle.ledger['public_key']}（请与另一渠道公布的比对）")
    lines.append("  不能由本程序证明：检查点之后的事，没有登记入账的事，以及 MANIFEST.json 中只作说明的文字。")
    return lines, wrong


def main(arguments: list[str] | None = None) -> int:
    """Verify the bundle named on the command line."""
    parser = argparse.ArgumentParser(description="核验放榜证明包")
    parser.add_argument("bundle", type=Path, help="证明包文件夹或 ZIP")
    parser.add_argument("--key", help="另行取得的账本公钥（64 位十六进制）")
    given = parser.parse_args(arguments)
    sys.dont_write_bytecode = True
    try:
        with tempfile.TemporaryDirectory() as unpacked:
            folder: Path = given.bundle
            if folder.is_file():
                with zipfile.ZipFile(folder) as archive:
                    archive.extractall(unpacked)
                folder = Path(unpacked)
            lines, wrong = verify(folder, given.key)
    except UNREADABLE as trouble:
        lines, wrong = [f"{given.bundle} 不是可以核验的证明包：{trouble}"], 1
    sys.stdout.buffer.write(
        ("\n".join([*lines, f"结论：{'全部通过' if not wrong else f'{wrong} 项不符'}"]) + "\n").encode()
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
