"""Where a stack keeps its things."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.stack.refusal import StackRefusal

REPOSITORY: Final = Path(__file__).resolve().parents[2]
"""The checkout this code lives in."""

DEFAULT_DATA: Final = REPOSITORY / ".data"


@dataclass(frozen=True)
class DataDir:
    """The folders of one stack's data directory."""

    root: Path

    @classmethod
    def at(cls, root: Path | str | None) -> DataDir:
        """The data directory at `root`, else at FANGBANG_DATA, else `.data` in the checkout."""
        chosen = root or os.environ.get("FANGBANG_DATA") or DEFAULT_DATA
        return cls(Path(chosen).expanduser().resolve())

    @property
    def birth_file(self) -> Path:
        """What was fixed when the stack was born, and its addresses."""
        return self.root / "stack.json"

    @property
    def state_file(self) -> Path:
        """What the supervisor last knew of its processes."""
        return self.root / "state.json"

    @property
    def lock_file(self) -> Path:
        """Held locked by the supervisor as long as it lives."""
        return self.root / "supervisor.lock"

    @property
    def keys(self) -> Path:
        """Generated secrets, readable by their owner only."""
        return self.root / "keys"

    @property
    def env(self) -> Path:
        """One file of settings a service."""
        return self.root / "env"

    @property
    def config(self) -> Path:
        """Configuration files of the servers, written anew at every start."""
        return self.root / "config"

    @property
    def logs(self) -> Path:
        """One log file a process."""
        return self.root / "logs"

    @property
    def public(self) -> Path:
        """Pre-rendered public pages, served without asking a service."""
        return self.root / "public"

    def of(self, part: str) -> Path:
        """Where the server `part` keeps its data."""
        return self.root / part

    def log(self, part: str) -> Path:
        """The log file of `part`."""
        return self.logs / f"{part}.log"

    @property
    def sockets(self) -> Path:
        """A short private folder for Unix sockets, whose paths may not exceed 107 bytes."""
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"fangbang-{os.getuid()}-{digest}"

    @property
    def control_socket(self) -> Path:
        """Where the supervisor takes requests."""
        return self.sockets / "control"

    def make(self) -> None:
        """Create the folders, private ones readable by their owner only."""
        for folder in (self.root, self.env, self.config, self.logs, self.public):
            folder.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(mode=0o700, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        _refuse_foreign(self.sockets)


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder in a shared place that someone else made or may enter."""
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not private or found.st_mode & 0o077:
        raise StackRefusal(f"{folder} is not a private folder of this user: remove it and start again.")
