"""An old database is moved forward, a newer one refused, a failing step leaves nothing."""

import pytest

from gateway.routes_table import SERVICES
from launcher.embedded import EmbeddedPostgres
from launcher.errors import Exit, LauncherError
from launcher.schema import upgrade
from shared.migrations import script_directory
from shared.versions import steps_of

STEP = '''"""A step."""

from alembic import op

revision = "{revision}"
down_revision = {before!r}


def upgrade():
    for statement in {statements!r}:
        op.execute(statement)
'''


@pytest.fixture(scope="module")
def postgres():
    with EmbeddedPostgres.temporary() as server:
        server.execute("CREATE ROLE toy_app")
        server.execute("CREATE ROLE toy_worker")
        yield server


@pytest.fixture
def add_step(tmp_path, monkeypatch):
    folder = tmp_path / "versions"
    folder.mkdir()
    names = []

    def add(*statements):
        before = names[-1] if names else None
        names.append(f"{len(names) + 1:04}")
        (folder / f"{names[-1]}_step.py").write_text(
            STEP.format(revision=names[-1], before=before, statements=statements)
        )

    for module in ("shared.versions", "shared.migrations"):
        monkeypatch.setattr(f"{module}.folder_of", lambda _: folder)
    return add


@pytest.fixture
def url(postgres, request):
    name = f"db_{abs(hash(request.node.name))}"
    postgres.execute(f"CREATE DATABASE {name}")
    return postgres.url_of(name)


def rows(postgres, url, sql):
    return postgres.execute(sql, database=url.rsplit("/", 1)[1])


def test_an_older_database_takes_the_missing_steps_and_keeps_its_rows(postgres, url, add_step):
    add_step("CREATE TABLE toy.kept (n int)", "INSERT INTO toy.kept VALUES (7)")
    assert upgrade(url, ["toy"]) == {"toy": ["0001"]}
    add_step("ALTER TABLE toy.kept ADD COLUMN name text DEFAULT 'seven'")
    assert upgrade(url, ["toy"]) == {"toy": ["0002"]}
    assert upgrade(url, ["toy"]) == {"toy": []}
    assert rows(postgres, url, "SELECT n, name FROM toy.kept") == [(7, "seven")]


def test_a_newer_database_is_refused(postgres, url, add_step):
    add_step("CREATE TABLE toy.kept (n int)")
    upgrade(url, ["toy"])
    rows(postgres, url, "UPDATE toy.schema_version SET version_num = '0002'")
    with pytest.raises(LauncherError, match="0002") as refusal:
        upgrade(url, ["toy"])
    assert refusal.value.exit_code == Exit.DATABASE_NEWER


def test_a_failing_step_is_told_and_undone(postgres, url, add_step):
    add_step("CREATE TABLE toy.kept (n int)")
    upgrade(url, ["toy"])
    add_step("INSERT INTO toy.kept VALUES (1)", "SELECT 1/0")
    with pytest.raises(LauncherError, match=r"toy 的第 0002 步.*division by zero") as refusal:
        upgrade(url, ["toy"])
    assert refusal.value.exit_code == Exit.MIGRATION_FAILED
    assert rows(postgres, url, "SELECT * FROM toy.kept") == []
    assert rows(postgres, url, "SELECT version_num FROM toy.schema_version") == [("0001",)]


def test_a_full_disk_is_told_as_such(url, add_step):
    add_step("DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$")
    with pytest.raises(LauncherError, match="磁盘没有空间") as refusal:
        upgrade(url, ["toy"])
    assert refusal.value.exit_code == Exit.DISK_FULL


@pytest.mark.parametrize("service", SERVICES)
def test_the_files_are_numbered_in_the_order_in_which_they_are_taken(service):
    taken = [step.revision for step in script_directory(service).walk_revisions()][::-1]
    assert taken
    assert steps_of(service) == taken
