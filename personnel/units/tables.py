"""Units, aliases, the closure of their tree, and fields of enforcement."""

from typing import Any

from piccolo.columns import UUID, Date, ForeignKey, OnDelete, SmallInt, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Field(Table):
    """A field of enforcement 执法领域."""

    code = Varchar(20, primary_key=True)
    name = Varchar(40, unique=True)
    name_en = Varchar(60)
    position = SmallInt()


class Unit(Table):
    """A unit 单位. `division_code` is where it lies, `parent` who runs it: the two differ, so both are kept."""

    id = UUID(primary_key=True, default=UUID4())
    kind = Varchar(20)
    name = Varchar(100, unique=True)
    parent: ForeignKey[Any] = ForeignKey(
        "self", null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    division_code = Varchar(12, null=True, default=None)
    field = ForeignKey(Field, null=True, default=None, on_delete=OnDelete.restrict)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)
    position = SmallInt(default=0)


class UnitAlias(Table):
    """Another name people write for a unit (湟里 for 湟里镇)."""

    id = UUID(primary_key=True, default=UUID4())
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict, index=True)
    alias = Varchar(100, unique=True)


class UnitAncestor(Table):
    """Every unit with each unit above it and itself (depth 0); kept by a trigger."""

    id = UUID(primary_key=True, default=UUID4())
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    ancestor = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    depth = SmallInt()
