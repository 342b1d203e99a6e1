"""Settings, read once in a service's ``__main__`` and handed down."""

from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Profile(StrEnum):
    """A stack is born rehearsal or real and never changes."""

    REHEARSAL = "rehearsal"
    REAL = "real"


class PasswordProfile(StrEnum):
    """What is asked of passwords and sessions: OWASP ASVS, or 等级保护 (GB/T 22239-2019)."""

    ASVS = "asvs"
    DJBH = "djbh"


class MailSecurity(StrEnum):
    """How the connection to the mail server is secured; ``none`` on the local stack only."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Settings(BaseSettings):
    """Everything a service process needs to know; environment variables with the prefix ``FANGBANG_``."""

    model_config = SettingsConfigDict(env_prefix="FANGBANG_", extra="ignore")

    service: str
    profile: Profile
    local: bool = False
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    web_processes: int = Field(default=1, ge=1, le=64)
    web_sibling: bool = False
    database_url: str
    database_pool: int = 12
    nats_url: str
    nats_monitor_url: str | None = None
    temporal_address: str
    temporal_namespace: str = "default"
    s3_endpoint: str
    s3_public_origin: str
    s3_access_key: str
    s3_secret_key: SecretStr
    s3_secure: bool = False
    public_origin: str
    public_dir: Path | None = None
    token_public_key: Path
    token_private_key: Path | None = None
    service_key: Path
    rehearsal_offset_seconds: int = 0
    password_profile: PasswordProfile = PasswordProfile.ASVS
    seed_password: SecretStr | None = None
    seed_code_key: SecretStr | None = None
    temporal_ui_url: str | None = None
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_security: MailSecurity = MailSecurity.STARTTLS
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str | None = None
    smtp_ca_file: Path | None = None
    smtp_timeout_seconds: float = 20.0
    smtp_retry_seconds: float = 60.0
    sms_adapter: str | None = None
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "统一身份认证"
    oidc_trust_second_factor: bool = False
    oidc_acr_values: tuple[str, ...] = ()
    kill_dir: Path | None = None
    rulebooks_dir: Path | None = None
    beacon_dir: Path | None = None
    clamav: str | None = None
    backup_hours: int = Field(default=26, ge=1)

    @model_validator(mode="after")
    def refuse_default_secrets(self) -> Self:
        """Outside the local stack a default or missing secret stops the start."""
        if self.local:
            return self
        weak = {"", "changeme", "change-me", "secret", "password", "minioadmin", "fangbang"}
        if self.s3_secret_key.get_secret_value() in weak:
            raise ValueError("FANGBANG_S3_SECRET_KEY is missing or a default: set a secret of its own, or run locally")
        if (urlsplit(self.database_url).password or "") in {*weak, self.service}:
            raise ValueError("FANGBANG_DATABASE_URL has no password of its own: give the service's role one")
        if self.smtp_host is not None and self.smtp_security is MailSecurity.NONE:
            raise ValueError("FANGBANG_SMTP_SECURITY=none is only for the local stack: use starttls or tls")
        if self.oidc_issuer is not None and not self.oidc_issuer.startswith("https://"):
            raise ValueError("FANGBANG_OIDC_ISSUER must begin with https://")
        if self.kill_dir is not None:
            raise ValueError("FANGBANG_KILL_DIR is only for fault tests on the local stack: remove it")
        if self.seed_password is not None or self.seed_code_key is not None:
            raise ValueError("FANGBANG_SEED_PASSWORD and FANGBANG_SEED_CODE_KEY are only for the local stack: remove")
        return self
