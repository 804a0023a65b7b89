"""The tables of departments and categories."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field

from services.property.registry import Base


class DepartmentRow(Base, table=True):
    __tablename__ = "department"

    code: str = Field(primary_key=True)
    name: str
    calendar: str
    position: int


class CategoryRow(Base, table=True):
    __tablename__ = "category"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "department"], ["property.department.community_id", "property.department.code"]
        ),
        ForeignKeyConstraint(["community_id", "parent"], ["property.category.community_id", "property.category.code"]),
        CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name="priority"),
        CheckConstraint("expected_minutes > 0", name="expected_minutes"),
    )

    code: str = Field(primary_key=True)
    parent: str | None = None
    department: str
    name: str
    priority: str
    skill: str | None = None
    expected_minutes: int
    needs_after_photo: bool
    is_safety: bool
    is_active: bool = True
    position: int
