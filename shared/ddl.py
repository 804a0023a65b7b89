"""The statements every service's migrations share: roles, tenancy, append-only tables and the plumbing tables.

Released migrations call these, so a function here never changes its meaning once a version that used it is out; a new need gets a
new function.
"""

from collections.abc import Iterator
from pathlib import Path

TENANT_SETTING = "app.community_id"


def create_roles(service: str) -> Iterator[str]:
    """Yield the statements that make the service's schema and its two group roles, and let the session user act as them."""
    for suffix in ("app", "worker"):
        role = f"{service}_{suffix}"
        # Roles belong to the cluster while migrations belong to a database, so a second database finds them made.
        yield f"""
            DO $$ BEGIN
                CREATE ROLE {role} NOLOGIN;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
        """
        yield f"DO $$ BEGIN EXECUTE format('GRANT {role} TO %I', session_user); EXCEPTION WHEN invalid_grant_operation THEN NULL; END $$"
        yield f"GRANT USAGE ON SCHEMA {service} TO {role}"
        yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {service} TO {role}"


def tenant_table(service: str, table: str, *, append_only: bool = False) -> Iterator[str]:
    """Yield the statements that fence a table by community.

    The service's app role sees the community its transaction named and no other; its worker role sees all. An append-only table
    grants INSERT and SELECT and refuses the rest by trigger, for the owner too.
    """
    name = f"{service}.{table}"
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    tenant = f"NULLIF(current_setting('{TENANT_SETTING}', true), '')::uuid"
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield (
        f"CREATE POLICY {table}_tenant ON {name} TO {service}_app"
        f" USING (community_id = {tenant}) WITH CHECK (community_id = {tenant})"
    )
    yield f"CREATE POLICY {table}_worker ON {name} TO {service}_worker USING (true) WITH CHECK (true)"
    yield f"GRANT {rights} ON {name} TO {service}_app, {service}_worker"
    if append_only:
        yield from refuse_changes(service, table)


def reference_table(service: str, table: str, *, writable: bool = True) -> Iterator[str]:
    """Yield the grants of a table that belongs to no community (districts, presets)."""
    rights = "SELECT, INSERT, UPDATE, DELETE" if writable else "SELECT"
    yield f"GRANT {rights} ON {service}.{table} TO {service}_app, {service}_worker"


def refuse_changes(service: str, table: str) -> Iterator[str]:
    """Yield the trigger that keeps written rows as they were written."""
    yield f"""
        CREATE OR REPLACE FUNCTION {service}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'DY001';
        END $$
    """
    yield (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {service}.{table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {service}.refuse_change()"
    )


def plumbing(service: str) -> Iterator[str]:
    """Yield the tables every service has: outbox, inbox and idempotency."""
    yield f"""
        CREATE TABLE {service}.outbox (
            community_id uuid NOT NULL,
            id uuid NOT NULL,
            seq bigint GENERATED ALWAYS AS IDENTITY,
            type text NOT NULL,
            version smallint NOT NULL,
            key text NOT NULL,
            payload jsonb NOT NULL,
            trace text,
            occurred_at timestamptz NOT NULL,
            published_at timestamptz,
            position text,
            CONSTRAINT pk_outbox PRIMARY KEY (community_id, id)
        )
    """
    yield f"CREATE INDEX ix_outbox_unpublished ON {service}.outbox (seq) WHERE published_at IS NULL"
    yield f"CREATE INDEX ix_outbox_published ON {service}.outbox (published_at) WHERE published_at IS NOT NULL"
    yield f"""
        CREATE TABLE {service}.inbox (
            community_id uuid NOT NULL,
            event_id uuid NOT NULL,
            type text NOT NULL,
            received_at timestamptz NOT NULL,
            CONSTRAINT pk_inbox PRIMARY KEY (community_id, event_id)
        )
    """
    yield f"CREATE INDEX ix_inbox_received ON {service}.inbox (received_at)"
    yield f"""
        CREATE TABLE {service}.idempotency (
            community_id uuid NOT NULL,
            account_id uuid NOT NULL,
            key text NOT NULL,
            request_hash bytea NOT NULL,
            status smallint,
            body bytea,
            headers jsonb,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_idempotency PRIMARY KEY (community_id, account_id, key)
        )
    """
    yield f"CREATE INDEX ix_idempotency_created ON {service}.idempotency (created_at)"
    for table in ("outbox", "inbox", "idempotency"):
        yield from tenant_table(service, table)


def functions(path: Path) -> Iterator[str]:
    """Yield the statements of a `.sql` file that holds functions beside its slice.

    The driver takes one statement at a time, so the file is cut at lines that begin a new CREATE.
    """
    statement: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("CREATE ") and any(part.strip() and not part.startswith("--") for part in statement):
            yield "\n".join(statement)
            statement = []
        statement.append(line)
    yield "\n".join(statement)
