"""Accounts and their grants."""

from piccolo.columns import UUID, Boolean, ForeignKey, OnDelete, SmallInt, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from personnel.officers.tables import Officer
from personnel.units.tables import Unit


class Account(Table):
    """Who may log in. Five failures lock it, for longer each time."""

    id = UUID(primary_key=True, default=UUID4())
    username = Varchar(60, unique=True)
    name = Varchar(60)
    password_hash = Varchar(200)
    must_change = Boolean(default=True)
    officer = ForeignKey(Officer, null=True, default=None, on_delete=OnDelete.restrict)
    active = Boolean(default=True)
    failures = SmallInt(default=0)
    locked_until = Timestamptz(null=True, default=None)
    language = Varchar(10, default="zh-CN")
    theme = Varchar(10, default="auto")
    created_at = Timestamptz()
    created_by = UUID(null=True, default=None)


class AccountGrant(Table):
    """A role over a unit and all below it."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    role = Varchar(30)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    granted_at = Timestamptz()
    granted_by = UUID(null=True, default=None)
