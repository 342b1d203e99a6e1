"""A real OpenID Connect provider beside office: a certified one from npm, run by node."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx

from deploy.stack.ports import free_port
from tests.integration.servers import ROOT, TLS, eventually

SCRIPT = Path(__file__).with_name("provider.mjs")


class OpenProvider:
    """The provider, started and stopped by the test; ``at_door`` says who signs in next."""

    def __init__(self, origin: str, log: Path) -> None:
        self.port, self.origin, self.log = free_port(), origin, log
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def settings(self) -> dict[str, str]:
        """What office needs to know of it."""
        return {
            "FANGBANG_OIDC_ISSUER": self.issuer,
            "FANGBANG_OIDC_CLIENT_ID": "fangbang",
            "FANGBANG_OIDC_CLIENT_SECRET": "a secret between the two of us",
            "FANGBANG_OIDC_NAME": "演练统一认证",
            "FANGBANG_OIDC_TRUST_SECOND_FACTOR": "true",
            "FANGBANG_OIDC_ACR_VALUES": '["urn:test:two-factors"]',
        }

    def start(self) -> None:
        """Run it until it answers."""
        redirect, home = f"{self.origin}/account/oidc/callback", f"{self.origin}/"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["node", str(SCRIPT), str(self.port), redirect, home], stdout=log, stderr=log, cwd=ROOT
            )
        eventually(self._answers, f"the provider does not answer; see {self.log}", seconds=30)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            return (
                httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=2, verify=TLS).status_code == 200
            )
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def at_door(self, sub: str, **more: object) -> None:
        """Whoever comes next is this one."""
        httpx.post(f"{self.issuer}/door", json={"sub": sub, **more}, timeout=5, verify=TLS).raise_for_status()
