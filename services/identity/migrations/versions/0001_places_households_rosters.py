"""Communities, places, households, residents and roster imports, and the plumbing of the service."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared import ddl

revision = "0001"
down_revision = None

SERVICE = "identity"
REFERENCE = ("district", "township", "community")
CHANGING = (
    "grid",
    "building",
    "stairwell",
    "property_unit",
    "household",
    "household_unit",
    "resident",
    "roster_import",
    "roster_file",
    "roster_problem",
    "roster_change",
    "roster_progress",
    "roster_card",
)
APPEND_ONLY = ("community_settings", "household_entry")


def upgrade() -> None:
    op.create_table(
        "community_settings",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "version", name=op.f("pk_community_settings")),
        schema="identity",
    )
    op.create_table(
        "district",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("code", name=op.f("uq_district_code")),
        schema="identity",
    )
    op.create_table(
        "grid",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_grid")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_grid_community_id_code")),
        schema="identity",
    )
    op.create_table(
        "roster_import",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problem_count", sa.Integer(), nullable=False),
        sa.Column("change_counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("removals", sa.String(), nullable=True),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal_code", sa.String(), nullable=True),
        sa.Column("refusal_detail", sa.String(), nullable=True),
        sa.Column("cards_taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("removals IN ('keep', 'apply')", name=op.f("ck_roster_import_removals")),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checked', 'refused', 'applying', 'applied', 'outdated', 'discarded')",
            name=op.f("ck_roster_import_state"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_roster_import")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_roster_import_community_id_uploaded_at_id"),
        "roster_import",
        ["community_id", "uploaded_at", "id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "ix_roster_import_due",
        "roster_import",
        ["uploaded_at"],
        unique=False,
        schema="identity",
        postgresql_where=sa.text("state IN ('uploaded', 'applying', 'checked')"),
    )
    op.create_table(
        "roster_progress",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "import_id", name=op.f("pk_roster_progress")),
        schema="identity",
    )
    op.create_table(
        "building",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=8, scale=6), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("floors > 0", name=op.f("ck_building_floors")),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90", name=op.f("ck_building_coordinates")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "grid_id"],
            ["identity.grid.community_id", "identity.grid.id"],
            name=op.f("fk_building_community_id_grid_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_building")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_building_community_id_code")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_building_community_id_grid_id"),
        "building",
        ["community_id", "grid_id"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "roster_card",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("household_number", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "import_id"],
            ["identity.roster_import.community_id", "identity.roster_import.id"],
            name=op.f("fk_roster_card_community_id_import_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "import_id", "household_id", name=op.f("pk_roster_card")),
        schema="identity",
    )
    op.create_table(
        "roster_change",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "import_id"],
            ["identity.roster_import.community_id", "identity.roster_import.id"],
            name=op.f("fk_roster_change_community_id_import_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "import_id", "number", name=op.f("pk_roster_change")),
        schema="identity",
    )
    op.create_table(
        "roster_file",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "import_id"],
            ["identity.roster_import.community_id", "identity.roster_import.id"],
            name=op.f("fk_roster_file_community_id_import_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "import_id", name=op.f("pk_roster_file")),
        schema="identity",
    )
    op.create_table(
        "roster_problem",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("column", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.Column("is_blocking", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "import_id"],
            ["identity.roster_import.community_id", "identity.roster_import.id"],
            name=op.f("fk_roster_problem_community_id_import_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "import_id", "number", name=op.f("pk_roster_problem")),
        schema="identity",
    )
    op.create_table(
        "township",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["identity.district.id"], name=op.f("fk_township_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_township")),
        sa.UniqueConstraint("district_id", "code", name=op.f("uq_township_district_id_code")),
        schema="identity",
    )
    op.create_table(
        "community",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["township_id"], ["identity.township.id"], name=op.f("fk_community_township_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("code", name=op.f("uq_community_code")),
        schema="identity",
    )
    op.create_table(
        "household",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("tenure", sa.String(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("grid_name", sa.String(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("building_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("area_cm2e2", sa.BigInteger(), nullable=False),
        sa.Column("resident_count", sa.Integer(), nullable=False),
        sa.Column("householder_name", sa.String(), nullable=False),
        sa.Column("householder_id", sa.Uuid(), nullable=True),
        sa.Column("liaison_household_id", sa.Uuid(), nullable=True),
        sa.Column("moved_in_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('active', 'moved_out')", name=op.f("ck_household_status")),
        sa.CheckConstraint("tenure IN ('owner', 'tenant')", name=op.f("ck_household_tenure")),
        sa.CheckConstraint("area_cm2e2 >= 0", name=op.f("ck_household_area")),
        sa.CheckConstraint("resident_count >= 0", name=op.f("ck_household_resident_count")),
        sa.ForeignKeyConstraint(
            ["community_id", "building_id"],
            ["identity.building.community_id", "identity.building.id"],
            name=op.f("fk_household_community_id_building_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "grid_id"],
            ["identity.grid.community_id", "identity.grid.id"],
            name=op.f("fk_household_community_id_grid_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "liaison_household_id"],
            ["identity.household.community_id", "identity.household.id"],
            name=op.f("fk_household_community_id_liaison_household_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_household")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_household_community_id_number")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_household_community_id_building_id_number"),
        "household",
        ["community_id", "building_id", "number"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        op.f("ix_household_community_id_grid_id_number"),
        "household",
        ["community_id", "grid_id", "number"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        op.f("ix_household_community_id_liaison_household_id"),
        "household",
        ["community_id", "liaison_household_id"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "stairwell",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_stairwell_number")),
        sa.ForeignKeyConstraint(
            ["community_id", "building_id"],
            ["identity.building.community_id", "identity.building.id"],
            name=op.f("fk_stairwell_community_id_building_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_stairwell")),
        sa.UniqueConstraint(
            "community_id", "building_id", "number", name=op.f("uq_stairwell_community_id_building_id_number")
        ),
        schema="identity",
    )
    op.create_table(
        "household_entry",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("happening", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("acting_account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "household_id"],
            ["identity.household.community_id", "identity.household.id"],
            name=op.f("fk_household_entry_community_id_household_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_household_entry")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_household_entry_community_id_household_id_id"),
        "household_entry",
        ["community_id", "household_id", "id"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "property_unit",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("stairwell_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("area_cm2e2", sa.BigInteger(), nullable=False),
        sa.Column("area_source", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "area_source IN ('register', 'survey', 'contract')", name=op.f("ck_property_unit_area_source")
        ),
        sa.CheckConstraint("use IN ('dwelling', 'shop', 'garage', 'other')", name=op.f("ck_property_unit_use")),
        sa.CheckConstraint("area_cm2e2 > 0", name=op.f("ck_property_unit_area")),
        sa.ForeignKeyConstraint(
            ["community_id", "building_id"],
            ["identity.building.community_id", "identity.building.id"],
            name=op.f("fk_property_unit_community_id_building_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "stairwell_id"],
            ["identity.stairwell.community_id", "identity.stairwell.id"],
            name=op.f("fk_property_unit_community_id_stairwell_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_property_unit")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_property_unit_community_id_code")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_property_unit_community_id_building_id"),
        "property_unit",
        ["community_id", "building_id"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "resident",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("household_number", sa.String(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("phone_masked", sa.String(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("identity_number", sa.String(), nullable=True),
        sa.Column("identity_masked", sa.String(), nullable=True),
        sa.Column("identity_index", sa.LargeBinary(), nullable=True),
        sa.Column("is_party_member", sa.Boolean(), nullable=False),
        sa.Column("is_representative", sa.Boolean(), nullable=False),
        sa.Column("can_act", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_reason", sa.String(), nullable=True),
        sa.CheckConstraint("sex IN ('female', 'male')", name=op.f("ck_resident_sex")),
        sa.CheckConstraint("status IN ('active', 'left')", name=op.f("ck_resident_status")),
        sa.CheckConstraint(
            "(identity_number IS NULL) = (identity_index IS NULL)", name=op.f("ck_resident_identity_index")
        ),
        sa.CheckConstraint("(phone IS NULL) = (phone_index IS NULL)", name=op.f("ck_resident_phone_index")),
        sa.ForeignKeyConstraint(
            ["community_id", "household_id"],
            ["identity.household.community_id", "identity.household.id"],
            name=op.f("fk_resident_community_id_household_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_resident")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_resident_community_id_building_id_id"),
        "resident",
        ["community_id", "building_id", "id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        op.f("ix_resident_community_id_grid_id_id"),
        "resident",
        ["community_id", "grid_id", "id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        op.f("ix_resident_community_id_household_id"),
        "resident",
        ["community_id", "household_id"],
        unique=False,
        schema="identity",
    )
    op.create_index(
        "ix_resident_phone",
        "resident",
        ["phone_index"],
        unique=False,
        schema="identity",
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "uq_resident_householder",
        "resident",
        ["community_id", "household_id"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("status = 'active' AND relation = 'householder'"),
    )
    op.create_index(
        "uq_resident_identity",
        "resident",
        ["community_id", "identity_index"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("status = 'active' AND identity_index IS NOT NULL"),
    )
    op.create_table(
        "household_unit",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("area_cm2e2", sa.BigInteger(), nullable=False),
        sa.Column("area_source", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "household_id"],
            ["identity.household.community_id", "identity.household.id"],
            name=op.f("fk_household_unit_community_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "unit_id"],
            ["identity.property_unit.community_id", "identity.property_unit.id"],
            name=op.f("fk_household_unit_community_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "household_id", "unit_id", name=op.f("pk_household_unit")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_household_unit_community_id_unit_id"),
        "household_unit",
        ["community_id", "unit_id"],
        unique=False,
        schema="identity",
    )
    for statement in ddl.create_roles(SERVICE):
        op.execute(statement)
    for statement in ddl.plumbing(SERVICE):
        op.execute(statement)
    for table in REFERENCE:
        for statement in ddl.reference_table(SERVICE, table):
            op.execute(statement)
    for table in CHANGING:
        for statement in ddl.tenant_table(SERVICE, table):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in ddl.tenant_table(SERVICE, table, append_only=True):
            op.execute(statement)
