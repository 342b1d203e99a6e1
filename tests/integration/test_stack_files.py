"""What the stack's S3 server and its two origins allow and refuse."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED, CopySource
from minio.datatypes import PostPolicy
from minio.error import S3Error
from minio.retention import Retention

from deploy.stack import Stack

Act = Callable[[Minio], object]


def client(stack: Stack, service: str, *, public: bool = False) -> Minio:
    """The S3 client of a service, at the server or at the public file origin."""
    settings = stack.settings_for(service)
    origin = settings["FANGBANG_S3_PUBLIC_ORIGIN"].removeprefix("http://")
    return Minio(
        origin if public else settings["FANGBANG_S3_ENDPOINT"],
        access_key=settings["FANGBANG_S3_ACCESS_KEY"],
        secret_key=settings["FANGBANG_S3_SECRET_KEY"],
        secure=False,
        region="us-east-1",
    )


def put(at: Minio, bucket: str, key: str, **options: object) -> str | None:
    """Put a small object; returns its version."""
    return at.put_object(bucket, key, io.BytesIO(b"some"), 4, **options).version_id  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("service", "act"),
    [
        ("submission", lambda at: put(at, "quarantine", "a")),
        ("submission", lambda at: put(at, "evidence", "allowed/a")),
        ("submission", lambda at: put(at, "dossiers", "submission/a.json")),
        ("review", lambda at: put(at, "dossiers", "review/a.json")),
        ("review", lambda at: at.get_object("evidence", "there").read()),
        ("ranking", lambda at: at.get_object("dossiers", "submission/there.json").read()),
        ("publication", lambda at: put(at, "public", "publication/list.pdf")),
    ],
)
def test_a_service_may(stack: Stack, service: str, act: Act) -> None:
    put(client(stack, "submission"), "evidence", "there")
    put(client(stack, "submission"), "dossiers", "submission/there.json")

    act(client(stack, service))


@pytest.mark.parametrize(
    ("service", "act"),
    [
        ("review", lambda at: put(at, "evidence", "there")),
        ("review", lambda at: put(at, "dossiers", "submission/there.json")),
        ("office", lambda at: at.get_object("evidence", "there").read()),
        ("ranking", lambda at: at.get_object("quarantine", "there").read()),
        ("publication", lambda at: at.get_object("evidence", "there").read()),
        ("submission", lambda at: at.make_bucket("another")),
    ],
)
def test_a_service_may_not(stack: Stack, service: str, act: Act) -> None:
    put(client(stack, "submission"), "evidence", "there")
    put(client(stack, "submission"), "quarantine", "there")
    put(client(stack, "submission"), "dossiers", "submission/there.json")

    with pytest.raises(S3Error) as refusal:
        act(client(stack, service))

    assert refusal.value.code == "AccessDenied"


def test_evidence_under_retention_or_hold_stays(stack: Stack) -> None:
    submission = client(stack, "submission")
    until = datetime.now(UTC) + timedelta(minutes=1)
    kept = put(submission, "evidence", "kept", retention=Retention(COMPLIANCE, until))
    held = put(submission, "evidence", "held", legal_hold=True)

    for key, version in (("kept", kept), ("held", held)):
        with pytest.raises(S3Error):
            submission.remove_object("evidence", key, version_id=version)

    assert submission.get_bucket_versioning("evidence").status == ENABLED
    assert submission.get_object("evidence", "kept", version_id=kept).read() == b"some"


def test_file_goes_from_quarantine_to_evidence_within_the_server(stack: Stack) -> None:
    submission = client(stack, "submission")
    put(submission, "quarantine", "arrived")

    copied = submission.copy_object("evidence", "moved", CopySource("quarantine", "arrived"))

    assert copied.version_id
    assert submission.get_object("evidence", "moved").read() == b"some"


def test_objects_are_fsynced_before_a_write_is_answered(stack: Stack) -> None:
    if stack.birth.storage == "minio":
        return
    filer = f"http://127.0.0.1:{stack.birth.port('s3_filer')}"

    rules = httpx.get(f"{filer}/etc/seaweedfs/filer.conf").json()["locations"]

    assert [(rule["locationPrefix"], rule["fsync"]) for rule in rules] == [("/buckets/", True)]


def test_browser_uploads_by_a_signed_form_within_its_size(stack: Stack) -> None:
    policy = PostPolicy("quarantine", datetime.now(UTC) + timedelta(minutes=10))
    policy.add_equals_condition("key", "form/1")
    policy.add_content_length_range_condition(1, 10)
    form = client(stack, "submission", public=True).presigned_post_policy(policy) | {"key": "form/1"}
    address = f"{stack.birth.file_origin}/quarantine"

    fits = httpx.post(address, data=form, files={"file": b"x" * 10})
    too_large = httpx.post(address, data=form, files={"file": b"x" * 11})
    other_key = httpx.post(address, data=form | {"key": "form/2"}, files={"file": b"x"})

    assert (fits.status_code, too_large.status_code, other_key.status_code) == (204, 400, 403)


def test_signed_addresses_work_at_the_file_origin_and_unsigned_do_not(stack: Stack) -> None:
    at_origin = client(stack, "submission", public=True)
    address = at_origin.presigned_put_object("quarantine", "part/1")

    stored = httpx.put(address, content=b"y" * 1_000_000, headers={"Origin": stack.birth.page_origin})
    read = httpx.get(at_origin.presigned_get_object("quarantine", "part/1"))

    assert stored.status_code == 200
    assert stored.headers["Access-Control-Allow-Origin"] == stack.birth.page_origin
    assert read.content == b"y" * 1_000_000
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert httpx.get(address.partition("?")[0]).status_code == 403
    assert httpx.get(f"{stack.birth.file_origin}/").status_code == 404


def test_file_origin_answers_no_other_sites_script(stack: Stack) -> None:
    address = client(stack, "submission", public=True).presigned_put_object("quarantine", "part/2")
    asked = {"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "PUT"}

    answer = httpx.options(address, headers=asked)

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_rendered_pages_are_served_without_a_service_and_under_a_strict_policy(stack: Stack) -> None:
    folder = stack.data.public / "rendered"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("页")

    page = httpx.get(f"{stack.birth.page_origin}/rendered")
    asked = httpx.get(f"{stack.birth.page_origin}/rendered?q=1")

    assert (page.status_code, page.text) == (200, "页")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "Server" not in page.headers
    assert asked.status_code == 502  # handed on to publication, which does not run here
