"""Filings accepted a second through HTTP, as a ratio to PostgreSQL alone doing the same full statement.

Two web processes share the socket, one a core. The floor: pgbench, 8 clients, one statement that takes the stage row
FOR SHARE, moves the case on and writes dossier, audit, three outbox rows, the message, open work and idempotency row.
Floor and filing alternate in one run; the median decides.
"""

import asyncio
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.stack import Stack
from deploy.stack.servers.binaries import postgres_home
from tests.bench.filings import Drafts, prepare_drafts, submissions
from tests.bench.load import as_fast_as_answered, at_instants
from tests.integration.servers import ServiceProcess, eventually

ROUNDS, PER_ROUND = 5, 2000
CONNECTIONS = 128
WEB_PROCESSES = 2
GOAL, GATE = 0.35, 0.25
P99_SECONDS = 0.050
TAX = 0.20
PGBENCH = postgres_home() / "bin/pgbench"

FLOOR = """
\\set n random(201, {count})
WITH stage AS (SELECT stage_id, category_id, cycle_id FROM infra.stage WHERE stage_id = '{window}' FOR SHARE),
made AS MATERIALIZED (SELECT gen_random_uuid() AS one, gen_random_uuid() AS two, gen_random_uuid() AS three,
    md5(random()::text) || md5(random()::text) AS digest,
    ('ca5f0000-0000-0000-0000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid AS case_id),
filed AS (UPDATE cases SET state = 'accepted', version = version + 1, accepted_at = now(), statement_version = '2025-1',
    number = made.one::text, receipt_digest = made.digest, dossier_digest = made.digest
    FROM made, stage WHERE cases.case_id = made.case_id RETURNING cases.case_id),
kept AS (INSERT INTO infra.dossier (digest, kind, content, created_at)
    SELECT made.digest, 'application', body.content, now() FROM made, floor_body AS body),
audited AS (INSERT INTO infra.audit (occurred_at, recorded_at, actor_id, action, cycle_id, category_id, case_id,
    stage_id, details, salt, public, trace) SELECT now(), now(), made.one, 'application.accepted', stage.cycle_id,
    stage.category_id, made.case_id, stage.stage_id, '{{"by_hand": []}}', made.digest, made.digest, made.two::text
    FROM made, stage),
outgoing AS (INSERT INTO infra.outbox (target, subject, message_id, payload, trace, created_at, attempts)
    SELECT body.target, body.subject, gen_random_uuid(), body.payload, made.two::text, now(), 0
    FROM made, floor_outbox AS body),
told AS (INSERT INTO message (notice_id, recipient_id, case_id, template, sent_at)
    SELECT made.three, made.two, made.case_id, 'application_accepted', now() FROM made),
work AS (INSERT INTO infra.open_work (workflow_id, workflow, queue, ref)
    SELECT 'application/' || made.three, 'ApplicationLifecycle', 'submission', '{{}}' FROM made)
INSERT INTO infra.idempotency (actor_id, key, act, request_digest, answer, created_at)
    SELECT made.two, 'submit', 'application.file', made.digest, body.answer, now() FROM made, floor_body AS body;
"""
PREPARE_FLOOR = """
INSERT INTO cases SELECT (jsonb_populate_record(old, jsonb_build_object('case_id',
    'ca5f' || substr(old.case_id::text, 5), 'subject_key', 'floor' || old.subject_key))).* FROM cases AS old
    WHERE old.case_id::text LIKE 'ca5e%' AND old.state = 'draft';
CREATE TABLE floor_body AS SELECT content, answer FROM infra.dossier, infra.idempotency
    WHERE kind = 'application' AND act = 'application.file' AND answer ? 'digest' LIMIT 1;
CREATE TABLE floor_outbox AS SELECT target, subject, payload FROM infra.outbox
    WHERE trace = (SELECT trace FROM infra.outbox WHERE subject LIKE 'submission.application.accepted%' LIMIT 1);
VACUUM ANALYZE;
"""


@dataclass
class Field:
    """Where the two are measured: the stack, the drafts, the web process, the floor's script."""

    stack: Stack
    drafts: Drafts
    web: ServiceProcess
    script: Path
    used: int = 0

    @property
    def url(self) -> str:
        return self.web.env["FANGBANG_DATABASE_URL"]

    def floor(self) -> float:
        """Statements a second of PostgreSQL alone."""
        command = [
            PGBENCH,
            "--no-vacuum",
            "-c",
            "8",
            "-j",
            "2",
            "-T",
            "3",
            "-M",
            "prepared",
            "-f",
            self.script,
            self.url,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return float(done.stdout.partition("tps = ")[2].split()[0])

    def requests(self, count: int) -> list[bytes]:
        """Submissions of drafts not used yet."""
        first, self.used = self.used + 1, self.used + count
        assert self.used <= self.drafts.count
        return submissions(self.stack, self.drafts, range(first, first + count))

    def accept(self, count: int, process: ServiceProcess | None = None) -> float:
        """Filings accepted a second."""
        port = int((process or self.web).env["FANGBANG_HTTP_PORT"])
        answers = asyncio.run(as_fast_as_answered(port, self.requests(count), CONNECTIONS))
        assert set(answers.statuses) == {200}, answers.bodies[-1]
        return answers.rate


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    folder = tmp_path_factory.mktemp("accept")
    with Stack(folder / "data", services=False) as stack:
        drafts = prepare_drafts(stack, folder, count=(3 * ROUNDS + 1) * PER_ROUND + 9000)
        web = _process(stack, "services.submission", folder / "web.log")
        _start(web, "web")
        found = Field(stack, drafts, web, folder / "floor.sql")
        found.accept(200)
        found.script.write_text(FLOOR.format(count=drafts.count, window=drafts.window))
        subprocess.run(
            [PGBENCH.with_name("psql"), "-q", "-v", "ON_ERROR_STOP=1", found.url],
            input=PREPARE_FLOOR,
            text=True,
            check=True,
        )
        yield found
        web.stop()


def test_accepting_keeps_its_ratio_to_the_floor(field: Field) -> None:
    field.accept(PER_ROUND)
    pairs = [(field.floor(), field.accept(PER_ROUND)) for _ in range(ROUNDS - 1)]

    ratio = statistics.median(ours / floor for floor, ours in pairs)
    for floor, ours in pairs:
        print(f"\n  floor {floor:7.0f}/s   accepted {ours:7.0f}/s   ratio {ours / floor:.3f}", end="")
    verdict = "goal met" if ratio >= GOAL else "gate met" if ratio >= GATE else "MISSED"
    print(f"\naccept path: {ratio:.3f} of the floor (goal {GOAL}, gate {GATE}: {verdict})", end="", flush=True)

    load = 0.7 * statistics.median(ours for _floor, ours in pairs)
    count = min(int(load * 6), 6000)
    port = int(field.web.env["FANGBANG_HTTP_PORT"])
    answers = asyncio.run(at_instants(port, field.requests(count), [n / load for n in range(count)]))
    p50, p99 = answers.quantile(0.5) * 1000, answers.quantile(0.99) * 1000
    print(
        f"\n  at 70 % load ({load:.0f}/s): p50 {p50:.1f} ms, p99 {p99:.1f} ms (goal {P99_SECONDS * 1000:.0f} ms)",
        end="",
        flush=True,
    )
    assert set(answers.statuses) == {200}
    assert ratio >= GATE


def test_audit_costs_little(field: Field, tmp_path: Path) -> None:
    """With the sequencer that numbers and chains the rows at work beside it."""
    audited = _process(field.stack, "services.submission", tmp_path / "audited.log")
    bare = _process(field.stack, "tests.bench.unaudited", tmp_path / "bare.log")
    field.web.stop()
    pairs = [(_alone(field, bare), _alone(field, audited)) for _ in range(ROUNDS)]

    tax = statistics.median(1 - ours / without for without, ours in pairs)
    for without, ours in pairs:
        print(f"\n  without audit {without:7.0f}/s   with {ours:7.0f}/s", end="")
    print(f"\naudit tax: {tax:.1%} (at most {TAX:.0%})", end="", flush=True)
    assert tax <= TAX


def _alone(field: Field, process: ServiceProcess) -> float:
    """The rate of one process while the other does not run: their relays would take each other's work."""
    _start(process, "web", "relay")
    try:
        return field.accept(PER_ROUND, process)
    finally:
        process.stop()


def _process(stack: Stack, module: str, log: Path) -> ServiceProcess:
    process = ServiceProcess(stack, "submission", module, log)
    process.env["FANGBANG_WEB_PROCESSES"] = str(WEB_PROCESSES)
    return process


def _start(process: ServiceProcess, *roles: str) -> None:
    """Start all web processes: each says so in its log."""
    begun = _started(process)
    process.start(*roles)
    eventually(lambda: _started(process) == begun + WEB_PROCESSES, "not all web processes have started")


def _started(process: ServiceProcess) -> int:
    return process.log.read_text().count('"event": "started"') if process.log.exists() else 0
