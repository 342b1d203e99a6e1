"""`fangbang code`: what a seeded person of a local stack types to sign in, for whoever clicks through it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pyotp import TOTP

from deploy.cli.refusals import refusals_as_sentences
from deploy.stack import Stack, StackRefusal
from services.office.accounts.domain.second_factor import seeded_secret
from services.office.accounts.seeding import enrolled_logins, seeded_accounts

Data = Annotated[Path | None, typer.Option("--data", help="Data directory; default $FANGBANG_DATA, else .data.")]


def code(login: str, data: Data = None) -> None:
    """Print password and one-time code of LOGIN, an account that the stack was born with."""
    with refusals_as_sentences():
        if login not in {one.login for one in seeded_accounts()}:
            raise StackRefusal(f"There is no seeded account {login!r}; others know their own password and phone.")
        keys = Stack(data).keys
        print(f"密码 {keys.seed_password}")
        if login in set(enrolled_logins()):
            print(f"动态口令 {TOTP(seeded_secret(keys.seed_code_key, login)).now()}")
