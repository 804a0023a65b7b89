"""Alembic's entry; `shared.migrations` runs the steps and needs nothing here."""

from alembic import context

context.run_migrations()
