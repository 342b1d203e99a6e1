"""`python -m deploy` is `fangbang`."""

from deploy.cli import app

app(prog_name="fangbang")
