"""NATS JetStream: every message fsynced before it is acknowledged; a user per service."""

from __future__ import annotations

from deploy.stack import probes
from deploy.stack.birth import Birth
from deploy.stack.files import write_text
from deploy.stack.keys import Keys
from deploy.stack.layout import DataDir
from deploy.stack.names import SERVICES
from deploy.stack.part import Part
from deploy.stack.servers.binaries import program

_CONFIG = """\
server_name: fangbang
listen: 127.0.0.1:{port}
http: 127.0.0.1:{monitor}
max_payload: 1MB
jetstream {{
  store_dir: {store}
  sync_interval: always
  max_memory_store: 32MB
  max_file_store: 8GB
}}
authorization {{
  users: [
{users}
  ]
}}
"""


def part(data: DataDir, birth: Birth, keys: Keys) -> Part:
    """The NATS server of this stack."""
    store = data.of("nats")
    store.mkdir(exist_ok=True)
    config = data.config / "nats.conf"
    users = [_service_user(name, keys) for name in SERVICES]
    text = _CONFIG.format(
        port=birth.port("nats"),
        monitor=birth.port("nats_monitor"),
        store=f'"{store}"',
        users="\n".join([*users, _operator(keys)]),
    )
    write_text(config, text, mode=0o600)
    return Part(
        name="nats",
        command=(program("nats-server"), "--config", str(config)),
        port=birth.port("nats"),
        disposable=store,
        ready=probes.answers(birth.port("nats_monitor"), "/healthz"),
    )


def _service_user(name: str, keys: Keys) -> str:
    """A service speaks only under its own name; it may hear everything and use JetStream."""
    password = keys.password("nats", name)
    allowed = f'["{name}.>", "$JS.>", "_INBOX.>"]'
    return f'    {{user: {name}, password: "{password}", permissions: {{publish: {allowed}, subscribe: [">"]}}}}'


def _operator(keys: Keys) -> str:
    return f'    {{user: operator, password: "{keys.password("nats", "operator")}"}}'
