"""`make minio`: builds a real MinIO server from its Go module, outside the checkout.

MinIO publishes no programs any more, only source; this is the last one its repository got.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from deploy.stack.refusal import StackRefusal

MODULE: Final = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"

_LIMIT_SECONDS: Final = 20 * 60


def cache() -> Path:
    """Where built programs are kept between checkouts: $FANGBANG_CACHE, else ~/.cache/fangbang."""
    chosen = os.environ.get("FANGBANG_CACHE")
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "fangbang"


def program() -> str:
    """The path of the MinIO server; refused when none was built."""
    path = _path()
    if not path.exists():
        raise StackRefusal("There is no MinIO server: build one with `make minio` first.")
    return str(path)


def build() -> Path:
    """Build the server unless this version is there; returns its path.

    Raises StackRefusal when Go is missing, the build fails, or it takes more than 20 minutes.
    """
    path = _path()
    if not path.exists():
        _go_install(path)
    return path


def _path() -> Path:
    return cache() / "minio" / MODULE.rpartition("@")[2] / "minio"


def _go_install(path: Path) -> None:
    if shutil.which("go") is None:
        raise StackRefusal("Go is needed to build MinIO: install it (Debian package golang-go), version 1.24 or newer.")
    path.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "GOBIN": str(path.parent), "CGO_ENABLED": "0"}
    command = ["go", "install", "-trimpath", "-ldflags=-s -w", MODULE]
    began = time.monotonic()
    try:
        subprocess.run(command, env=environment, check=True, timeout=_LIMIT_SECONDS)
    except subprocess.SubprocessError as failure:
        spent = time.monotonic() - began
        raise StackRefusal(f"MinIO could not be built within {spent:.0f} s: {failure}") from failure


if __name__ == "__main__":
    try:
        print(build())
    except StackRefusal as refusal:
        sys.exit(str(refusal))
