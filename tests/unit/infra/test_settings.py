"""A start with default or missing secrets outside the local stack is refused by a sentence."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.infra.settings import Settings

GOOD: dict[str, Any] = {
    "service": "review",
    "profile": "real",
    "database_url": "postgresql://review:h8Jd0@db.example/review",
    "nats_url": "nats://nats.example",
    "temporal_address": "temporal.example:7233",
    "s3_endpoint": "s3.example",
    "s3_public_origin": "https://files.example",
    "s3_access_key": "review",
    "s3_secret_key": "p0Kd8s",
    "public_origin": "https://example",
    "token_public_key": Path("/keys/token.pub"),
    "service_key": Path("/keys/review.key"),
}


def test_secrets_of_its_own_are_accepted() -> None:
    assert Settings.model_validate(GOOD).profile == "real"


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("s3_secret_key", "", "FANGBANG_S3_SECRET_KEY"),
        ("s3_secret_key", "minioadmin", "FANGBANG_S3_SECRET_KEY"),
        ("s3_secret_key", "changeme", "FANGBANG_S3_SECRET_KEY"),
        ("database_url", "postgresql://review:password@db.example/review", "FANGBANG_DATABASE_URL"),
        ("database_url", "postgresql://review:review@db.example/review", "FANGBANG_DATABASE_URL"),
        ("database_url", "postgresql://review:@db.example/review", "FANGBANG_DATABASE_URL"),
        ("database_url", "postgresql://review@db.example/review", "FANGBANG_DATABASE_URL"),
        ("database_url", "postgresql://db.example/review", "FANGBANG_DATABASE_URL"),
        ("seed_password", "rehearsal", "FANGBANG_SEED_PASSWORD"),
        ("seed_code_key", "rehearsal", "FANGBANG_SEED_CODE_KEY"),
    ],
)
def test_a_weak_secret_outside_the_local_stack_is_refused(setting: str, value: str, named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Settings.model_validate({**GOOD, setting: value})

    assert Settings.model_validate({**GOOD, setting: value, "local": True}).local


@pytest.mark.parametrize("setting", ["database_url", "s3_secret_key", "service_key", "token_public_key", "profile"])
def test_what_has_no_default_is_asked_for(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"FANGBANG_{setting.upper()}", raising=False)

    with pytest.raises(ValidationError, match=setting):
        Settings.model_validate({name: value for name, value in GOOD.items() if name != setting})


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValidationError, match="rehearsal"):
        Settings.model_validate({**GOOD, "profile": "practice"})


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    assert "p0Kd8s" not in repr(Settings.model_validate(GOOD))
