"""The promises of the design, each checked on what came out: an empty list of troubles means that it held."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final

from deploy.rehearsal.account.gather import Outcome
from deploy.rehearsal.account.scores import compare
from deploy.rehearsal.driver.cast import Part
from deploy.rehearsal.driver.public import OBJECTOR
from deploy.rehearsal.driver.world import World, shanghai_day
from deploy.rehearsal.invented import LITTLE_GIANT
from deploy.rehearsal.other_categories import PLATFORM
from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import end_of_day
from shared.kernel.canonical import digest_bytes
from shared.kernel.chain import GENESIS, ledger_link, link
from shared.rulebook import StageKind
from shared.rulebook.stages import PublicityParams, ReleaseParams, Term, TermUnit

Check = Callable[[World, Outcome], Awaitable[list[str]]]
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])")
_MAY_END_EARLY: Final = ("panel_review", "consultation", "nomination", "event_ordering")
"""Stages that are over when everything in them is done, before their term."""
_OUTCOMES: Final = {
    Part.PLAIN: "passed",
    Part.PUTS_RIGHT: "passed",
    Part.LAPSES: "lapsed",
    Part.IS_REFUSED: "rejected",
    Part.IS_DISQUALIFIED: "disqualified",
    Part.WITHDRAWS_EARLY: "withdrawn",
    Part.WITHDRAWS_LATE: "withdrawn",
}


@dataclass(frozen=True)
class Judged:
    """One promise and what spoke against it."""

    name: str
    troubles: list[str]

    @property
    def held(self) -> bool:
        """Whether nothing spoke against it."""
        return not self.troubles


async def judge(world: World, outcome: Outcome) -> list[Judged]:
    """Check every promise."""
    return [Judged(name, await check(world, outcome)) for name, check in CHECKS]


async def receipts_hold(world: World, _outcome: Outcome) -> list[str]:
    """What was accepted is still there, under the digest on the receipt."""
    receipts: Mapping[str, dict[str, Any]] = world.kept.get("receipts", {})
    logins: Mapping[str, str] = world.kept.get("applicants", {})

    async def again(case_id: str) -> str | None:
        found = await world.person(logins[case_id]).get(f"/api/submission/applications/{case_id}/receipt")
        same = all(found[word] == receipts[case_id][word] for word in ("digest", "number", "accepted_at"))
        return None if same else f"{receipts[case_id]['number']} has another receipt now"

    troubles = [one for one in await world.together(again(case_id) for case_id in receipts) if one]
    expected = len(world.cast.giants) + len(world.cast.invented)
    return troubles if len(receipts) == expected else [*troubles, f"{len(receipts)} of {expected} receipts were seen"]


async def files_hold(world: World, _outcome: Outcome) -> list[str]:
    """Every uploaded file comes back with the bytes that were sent."""
    kept: Mapping[str, tuple[str, str, str]] = world.kept.get("evidence", {})

    async def again(evidence_id: str) -> str | None:
        case_id, answered, sent = kept[evidence_id]
        content = await world.person("office1").download(f"/api/submission/cases/{case_id}/evidence/{evidence_id}")
        return None if sha256(content).hexdigest() == sent == answered else f"file {evidence_id} differs"

    return [one for one in await world.together(again(one) for one in kept) if one] if kept else ["no file was sent"]


async def one_decision_each(world: World, outcome: Outcome) -> list[str]:
    """Screening decided each case at most once, and each as its part in the play demands."""
    troubles = [f"{case['number']} was decided twice" for case in outcome.cases if len(case["decisions"]) > 1]
    for case in outcome.cases:
        expected = _OUTCOMES[world.cast.part_of(case["subject"]["credit_code"])]
        if case["state"] != expected:
            troubles.append(f"{case['number']} is {case['state']}, not {expected}")
    return troubles if outcome.cases else ["no case was read"]


async def released_once(world: World, outcome: Outcome) -> list[str]:
    """Every category has its list, every refilled seat its own, each once; the public file has the digest."""
    times = Counter((one.category.key, one.supplement, one.addendum) for one in outcome.released)
    troubles = [f"{key} was released {count} times" for key, count in times.items() if count != 1]
    troubles += [f"{one.key} was not released" for one in world.categories() if (one.key, 0, 0) not in times]
    published = {digest_bytes(content) for content in outcome.public.values()}
    troubles += [
        f"{one.title}: no public file has its digest" for one in outcome.released if one.digest not in published
    ]
    for category in world.categories():
        for supplement in {stage.supplement for stage in category.stages}:
            if (category.key, supplement, 0) not in times:
                troubles.append(f"{category.key} supplement {supplement} was not released")
    return troubles


async def terms_are_lawful(world: World, _outcome: Outcome) -> list[str]:
    """Every counted day counts (a working day unless the rulebook counts all days), the first after the beginning;
    no stage ended before its last."""
    calendar, troubles = load_shipped_calendar(), []
    for category in world.categories():
        for stage in category.stages:
            days = [datetime.fromisoformat(day).date() for day in stage.counted_days]
            if not days or stage.closed_at is None or stage.opens_at is None:
                continue
            name = f"{category.key}/{stage.kind}#{stage.supplement}"
            if not _counts_all_days(world, category.key, stage.kind):
                troubles += [f"{name} counts {day}, no working day" for day in days if not calendar.is_workday(day)]
            if days[0] <= shanghai_day(stage.opens_at):
                troubles.append(f"{name} counts the day it began")
            over = stage.closed_at >= end_of_day(days[-1])
            if not over and stage.kind not in _MAY_END_EARLY:
                troubles.append(f"{name} ended before {days[-1]} was over")
    return troubles


def _counts_all_days(world: World, key: str, kind: str) -> bool:
    """Whether the rulebook counts the terms of this stage in calendar days."""
    rule = world.rules(key).stage(StageKind(kind))
    terms = [value for _, value in rule.params if isinstance(value, Term)] if rule is not None else []
    return any(term.unit is TermUnit.CALENDAR_DAYS for term in terms)


async def publicity_never_early(world: World, outcome: Outcome) -> list[str]:
    """Each notice counts at least the lawful days after its posting, and nothing is released before."""
    troubles = []
    for category in world.categories():
        rule = world.rules(category.key).stage(StageKind.PUBLICITY)
        for stage in (one for one in category.stages if one.kind == "publicity"):
            params = rule.params if rule is not None else None
            minimum = (params.term.minimum or params.term.length) if isinstance(params, PublicityParams) else 0
            posted = world.kept.get("postings", {}).get(stage.stage_id)
            days = [datetime.fromisoformat(day).date() for day in stage.counted_days]
            if posted is None or len(days) < minimum:
                troubles.append(f"{category.key}#{stage.supplement}: {len(days)} days counted from {posted}")
            elif days[0] <= shanghai_day(datetime.fromisoformat(posted["posted_at"])):
                troubles.append(f"{category.key}#{stage.supplement} counts the day of its posting")
            own = [
                one
                for one in outcome.released
                if (one.category.key, one.supplement) == (category.key, stage.supplement)
            ]
            if days and any(one.released_at < end_of_day(days[-1]) for one in own):
                troubles.append(f"{category.key}#{stage.supplement} was released before its notice was over")
    return troubles


async def ranks_follow(world: World, outcome: Outcome) -> list[str]:
    """Ranks follow from the exact means; printed totals follow from the published cells by the rulebook alone."""
    troubles = [
        f"{one.printed.current_name}: {one.computed} instead of {one.recomputed}"
        for one in compare(world, outcome)
        if one.computed != one.recomputed
    ]
    troubles += [f"{one.printed.current_name}: unexplained" for one in compare(world, outcome) if not one.explained]
    for key, decision in outcome.decisions.items():
        breaks_ties = bool(world.rules(key).tie_breaks)
        ranked = [row for row in decision["ranking"] if row["rank"] is not None]
        for division in {row["class"] for row in ranked}:
            rows = [row for row in ranked if row["class"] == division]
            troubles += [f"{key} {trouble}" for trouble in _ranks_of(rows, breaks_ties=breaks_ties)]
    return troubles


def _ranks_of(rows: list[dict[str, Any]], *, breaks_ties: bool) -> list[str]:
    """Ranks of one class that do not follow from the means; tie-breaks order equal ones among themselves."""
    means = {row["number"]: Fraction(*row["mean"]) for row in rows}
    troubles = []
    for row in rows:
        own = means[row["number"]]
        best = 1 + sum(other > own for other in means.values())
        worst = best - 1 + sum(other == own for other in means.values()) if breaks_ties else best
        if not best <= row["rank"] <= worst:
            troubles.append(f"{row['number']}: rank {row['rank']} instead of {best}")
    return troubles


async def printed_outcomes_stand(world: World, outcome: Outcome) -> list[str]:
    """Whoever's outcome was printed stands on the released list with it, in the rulebook's words."""
    listed = {entry["name"]: entry for one in outcome.released for entry in one.content["entries"]}
    printed = [(LITTLE_GIANT, one.current_name, one.outcome) for one in world.cast.giants]
    printed += [(PLATFORM, one.name, one.outcome) for one in world.cast.platforms]
    troubles = []
    for key, name, expected in printed:
        said, label = listed.get(name, {}).get("recommendation"), world.rules(key).case_outcomes[expected].label
        if said != label:
            troubles.append(f"{name} is listed as {said}, not as {label}")
    return troubles


async def sheets_hold(world: World, outcome: Outcome) -> list[str]:
    """Every sheet and correction with a receipt stands in the ledger, once, after its panel's key."""
    signed = Counter(
        entry["public"] for entry in outcome.ledger if entry["type"] in ("sheet.signed", "sheet.corrected")
    )
    receipts = set(world.kept.get("sheets", {}).values())
    troubles = [f"sheet {one[:12]} stands {signed[one]} times in the ledger" for one in receipts if signed[one] != 1]
    unsealed = sum(entry["type"] == "panel.unsealed" for entry in outcome.ledger)
    keys = sum(entry["type"] == "panel.key_formed" for entry in outcome.ledger)
    if not 0 < unsealed <= keys:
        troubles.append(f"{unsealed} panels were unsealed with {keys} keys")
    return troubles


async def votes_are_counted(world: World, outcome: Outcome) -> list[str]:
    """Every vote with a receipt stands in the public bundle, and the counts follow from the votes."""
    troubles: list[str] = []
    for category_id, receipts in world.kept.get("votes", {}).items():
        [released] = [one for one in outcome.released if one.category.category_id == category_id and not one.supplement]
        with zipfile.ZipFile(io.BytesIO(released.bundles["public"])) as bundle:
            part = json.loads(bundle.read("publication/votes.json"))
        troubles += [f"vote {one} is lost" for one in set(receipts) - {vote["receipt"] for vote in part["votes"]}]
        counted = Counter(number for vote in part["votes"] for number in vote["choices"])
        troubles += [f"{number} has {said} votes" for number, said in part["counts"].items() if counted[number] != said]
    return troubles


async def lists_follow(_world: World, outcome: Outcome) -> list[str]:
    """Upheld objections and later withdrawals are on no list; the refilled seat is on the supplement's."""
    gone = {one["number"] for one in outcome.objections if one["state"] == "upheld"}
    gone |= {case["number"] for case in outcome.cases if case["state"] != "passed"}
    troubles = []
    for released in outcome.released:
        troubles += [f"{number} is on {released.title}" for number in released.numbers if number in gone]
    listed = Counter(number for released in outcome.released for number in released.numbers)
    troubles += [f"{number} is listed {count} times" for number, count in listed.items() if count > 1]
    open_ones = [one["number"] for one in outcome.objections if one["closed_at"] is None]
    return troubles + [f"objection to {number} was never closed" for number in open_ones]


async def nothing_is_stuck(_world: World, outcome: Outcome) -> list[str]:
    """Outboxes and inboxes are empty, no letter is dead, no stage is stuck."""
    troubles = [f"{pulse.service} still has {pulse.under_way}" for pulse in outcome.pulses if pulse.under_way]
    troubles += [
        f"{pulse.service}: {pulse.dead_letters} dead letters" for pulse in outcome.pulses if pulse.dead_letters
    ]
    return troubles + [f"{pulse.service} is stuck: {pulse.stuck}" for pulse in outcome.pulses if pulse.stuck]


async def ledger_holds(_world: World, outcome: Outcome) -> list[str]:
    """The whole ledger's chain and each source's own chain can be recomputed without a gap."""
    troubles = [f"gap: {gap}" for gap in outcome.gaps]
    whole, own = GENESIS, dict.fromkeys({str(entry["source"]) for entry in outcome.ledger}, GENESIS)
    numbers = dict.fromkeys(own, 0)
    for place, entry in enumerate(outcome.ledger, 1):
        source = entry["source"]
        numbers[source] += 1
        whole = ledger_link(whole, {name: value for name, value in entry.items() if name != "chain"})
        own[source] = link(own[source], entry["number"], entry["type"], entry["digest"])
        sound = (entry["index"], entry["number"]) == (place, numbers[source])
        if not sound or entry["chain"] != whole or entry["source_chain"] != own[source]:
            return [*troubles, f"entry {entry['index']} of {source} does not follow"]
    return troubles if outcome.ledger else [*troubles, "the ledger is empty"]


async def nobody_is_exposed(world: World, outcome: Outcome) -> list[str]:
    """No objector, no expert, no personal number in any public byte, nor inside the public bundles."""
    words = [*OBJECTOR.values(), *(expert.name for expert in world.cast.experts)]
    words += [expert.unit for expert in world.cast.experts]
    troubles = []
    for path, content in _public_texts(outcome):
        text = content.decode("utf-8", errors="ignore")
        troubles += [f"{path} shows {word}" for word in words if word in text]
        troubles += [f"{path} shows a mobile number" for _ in _MOBILE.finditer(text)]
    return troubles


def _public_texts(outcome: Outcome) -> list[tuple[str, bytes]]:
    found = list(outcome.public.items())
    for released in outcome.released:
        with zipfile.ZipFile(io.BytesIO(released.bundles["public"])) as bundle:
            found += [(f"{released.title}/{name}", bundle.read(name)) for name in bundle.namelist()]
    return [(path, content) for path, content in found if not path.endswith((".zip", ".pdf"))]


async def bundles_verify(_world: World, outcome: Outcome) -> list[str]:
    """The exported bundles verify with the standard library alone."""
    troubles = [f"{one.title} ({one.audience}): {one.said}" for one in outcome.verified if not one.held]
    return troubles if outcome.verified else ["there is no bundle"]


async def in_its_year(world: World, outcome: Outcome) -> list[str]:
    """Lists are released in 2026, in the month the rulebook prints, whatever the day of the run."""
    troubles = []
    for released in outcome.released:
        rule, day = world.rules(released.category.key).stage(StageKind.RELEASE), shanghai_day(released.released_at)
        month = rule.params.month if rule is not None and isinstance(rule.params, ReleaseParams) else None
        if day.year != 2026 or month not in (None, day.month):
            troubles.append(f"{released.title} was released on {day}")
    return troubles


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("受理的申报俱在，回执摘要一致", receipts_hold),
    ("提交的文件俱在，内容一致", files_hold),
    ("每案初审只决定一次，结果与情节相符", one_decision_each),
    ("每份名单只发布一次，公开文件摘要一致", released_once),
    ("期限只计工作日，未提前结束", terms_are_lawful),
    ("公示期满才发布，发布当日不计入", publicity_never_early),
    ("得分与名次可重算，结果一致", ranks_follow),
    ("签署的计分表各登记入账一次，先有密钥后拆封", sheets_hold),
    ("已公布的结论在发布名单上原样列出", printed_outcomes_stand),
    ("投出的选票俱在，票数可重算", votes_are_counted),
    ("撤下、退出者不在名单，递补者在增补名单", lists_follow),
    ("收发件箱清空，无死信，无停滞", nothing_is_stuck),
    ("审计账本链条完整", ledger_holds),
    ("公开内容无个人信息", nobody_is_exposed),
    ("证明包离线核验通过", bundles_verify),
    ("演练年度固定：2026年内按规定月份发布", in_its_year),
)
