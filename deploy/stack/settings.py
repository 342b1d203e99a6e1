"""The settings that each service process is started with."""

from __future__ import annotations

from deploy.stack.birth import Birth
from deploy.stack.files import write_text
from deploy.stack.keys import Keys
from deploy.stack.layout import DataDir


def settings_for(service: str, data: DataDir, birth: Birth, keys: Keys) -> dict[str, str]:
    """Every FANGBANG_ variable of `service` on this stack."""
    settings = {
        "FANGBANG_SERVICE": service,
        "FANGBANG_PROFILE": birth.profile,
        "FANGBANG_LOCAL": "true",
        "FANGBANG_HTTP_HOST": "127.0.0.1",
        "FANGBANG_HTTP_PORT": str(birth.port(service)),
        "FANGBANG_PUBLIC_ORIGIN": birth.page_origin,
        "FANGBANG_PUBLIC_DIR": str(data.public),
        "FANGBANG_TOKEN_PUBLIC_KEY": str(keys.token_public),
        "FANGBANG_SERVICE_KEY": str(keys.service(service)),
        "FANGBANG_REHEARSAL_OFFSET_SECONDS": str(birth.rehearsal_offset_seconds),
        **_servers(service, birth, keys),
    }
    if service == "office":
        settings["FANGBANG_TOKEN_PRIVATE_KEY"] = str(keys.token_private)
        settings["FANGBANG_SEED_PASSWORD"] = keys.seed_password
        settings["FANGBANG_SEED_CODE_KEY"] = keys.seed_code_key
    return settings


def write_env(service: str, data: DataDir, settings: dict[str, str]) -> None:
    """Write the settings as `env/<service>.env`, one KEY=value a line."""
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    write_text(data.env / f"{service}.env", "".join(lines), mode=0o600)


def database_url(service: str, birth: Birth, keys: Keys) -> str:
    """Where `service` finds its own database, with its own role."""
    password = keys.password("postgres", service)
    return f"postgresql://{service}:{password}@127.0.0.1:{birth.port('postgres')}/{service}"


def nats_url(user: str, birth: Birth, keys: Keys) -> str:
    """Where `user` (a service or `operator`) finds NATS."""
    return f"nats://{user}:{keys.password('nats', user)}@127.0.0.1:{birth.port('nats')}"


def _servers(service: str, birth: Birth, keys: Keys) -> dict[str, str]:
    return {
        "FANGBANG_DATABASE_URL": database_url(service, birth, keys),
        "FANGBANG_NATS_URL": nats_url(service, birth, keys),
        "FANGBANG_NATS_MONITOR_URL": f"http://127.0.0.1:{birth.port('nats_monitor')}",
        "FANGBANG_TEMPORAL_ADDRESS": f"127.0.0.1:{birth.port('temporal')}",
        "FANGBANG_TEMPORAL_NAMESPACE": "default",
        "FANGBANG_TEMPORAL_UI_URL": birth.temporal_ui,
        "FANGBANG_S3_ENDPOINT": f"127.0.0.1:{birth.port('s3')}",
        "FANGBANG_S3_PUBLIC_ORIGIN": birth.file_origin,
        "FANGBANG_S3_ACCESS_KEY": keys.access_key(service),
        "FANGBANG_S3_SECRET_KEY": keys.password("s3", service),
        "FANGBANG_S3_SECURE": "false",
    }
