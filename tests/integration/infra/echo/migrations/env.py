"""Alembic's entry; the work is in ``shared.infra.migrating``."""

from shared.infra.migrating import run_environment

run_environment()
