"""The `fangbang` command line.

A group of commands is one module with a typer app named `app`, loaded only when one of its commands is
used, so that `fangbang --help` is quick. A new command is one line in `deploy.cli.commands`.
"""

from deploy.cli.commands import app

__all__ = ["app"]
