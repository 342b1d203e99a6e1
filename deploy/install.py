"""Makes the checkout importable in its virtual environment, and puts `fangbang` beside its Python.

`pip install -e .` would do the same, but needs to download a build backend that no lock file pins.
"""

from __future__ import annotations

import stat
import sys
import sysconfig
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1]


def install() -> None:
    """Write a path file for the checkout and the script `fangbang`."""
    Path(sysconfig.get_path("purelib"), "fangbang.pth").write_text(f"{_CHECKOUT}\n")
    script = Path(sys.executable).parent / "fangbang"
    script.write_text(f"#!{sys.executable}\nfrom deploy.cli import app\n\napp(prog_name='fangbang')\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


if __name__ == "__main__":
    install()
