"""A real ClamAV daemon with one signature of its own (the EICAR test file), its own socket and no network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import pytest

from deploy.stack.ports import free_port
from tests.attacks import EICAR
from tests.integration.servers import eventually

NOBODY = 65534
_CONFIG = """\
Foreground yes
DatabaseDirectory {folder}/signatures
OfficialDatabaseOnly no
LogFile {folder}/log
PidFile {folder}/pid
LocalSocket {folder}/socket
{listen}
StreamMaxLength {megabytes}M
MaxFileSize {megabytes}M
MaxScanSize 400M
AlertExceedsMax {says}
"""


class Clamd:
    """The daemon; ``start`` and ``stop`` as often as a test likes."""

    def __init__(self, *, megabytes: int = 64, says_what_it_skips: bool = True, uid: int | None = None) -> None:
        """``uid``: whom it runs as; as whoever runs the tests, if None."""
        found = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if found is None:
            pytest.fail("clamd is missing: install the Debian package clamav-daemon", pytrace=False)
        self._program, self._uid = found, uid
        self.folder = Path(tempfile.mkdtemp(prefix="clamd-"))
        self.port = free_port()
        signatures = self.folder / "signatures"
        signatures.mkdir()
        (signatures / "drill.ndb").write_text(f"Drill.Eicar:0:*:{EICAR.hex()}\n")
        says = "yes" if says_what_it_skips else "no"
        listen = f"TCPSocket {self.port}\nTCPAddr 127.0.0.1"
        config = _CONFIG.format(folder=self.folder, listen=listen, megabytes=megabytes, says=says)
        (self.folder / "clamd.conf").write_text(config)
        if uid is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, uid, uid)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> str:
        """Its address as a setting, over a local socket."""
        return f"unix://{self.folder}/socket"

    @property
    def tcp(self) -> str:
        """Its address as a setting, over TCP."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        with (self.folder.parent / f"{self.folder.name}.out").open("ab") as said:
            self._process = subprocess.Popen(
                [self._program, f"--config-file={self.folder}/clamd.conf"],
                stdout=said,
                stderr=said,
                **({} if self._uid is None else {"user": self._uid, "group": self._uid, "extra_groups": []}),
            )
        eventually(lambda: (self.folder / "socket").exists(), "clamd does not listen", seconds=30)

    def stop(self) -> None:
        """SIGTERM, and gone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None
        (self.folder / "socket").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder)
        (self.folder.parent / f"{self.folder.name}.out").unlink()
