"""Reading accounts. Whoever administers a part of the district sees the accounts that reach no further."""

from datetime import datetime
from uuid import UUID

import msgspec

from chizheng.kernel.access import Role, Scope
from chizheng.kernel.db import fetch, fetch_as, fetch_value, one_as
from chizheng.kernel.ids import AccountId, UnitId
from chizheng.kernel.paging import Page, window

# $1 everywhere, $2 units: every grant of the account lies within them
_IN_REACH = """
($1 OR NOT EXISTS (
    SELECT FROM account_grant held WHERE held.account = a.id AND NOT EXISTS (
        SELECT FROM unit_ancestor above WHERE above.unit = held.unit AND above.ancestor = ANY ($2::uuid[]))))
"""


class AccountLine(msgspec.Struct, frozen=True):
    """An account in the list; `duties` are (role, unit's name)."""

    id: AccountId
    username: str
    name: str
    active: bool
    must_change: bool
    locked_until: datetime | None
    last_seen: datetime | None
    duties: list[tuple[str, str]]


class AccountDetail(msgspec.Struct, frozen=True):
    """One account, without its password's hash."""

    id: AccountId
    username: str
    name: str
    active: bool
    must_change: bool
    failures: int
    locked_until: datetime | None
    created_at: datetime
    last_seen: datetime | None
    officer: UUID | None
    officer_name: str | None


class GrantLine(msgspec.Struct, frozen=True):
    """A role over a unit, as granted."""

    id: UUID
    role: Role
    unit: UnitId
    unit_name: str
    granted_at: datetime
    granted_by: str | None


class UnitChoice(msgspec.Struct, frozen=True):
    """A unit to choose from, with its depth in the tree."""

    id: UnitId
    name: str
    depth: int


async def list_accounts(scope: Scope, q: str, number: int, size: int) -> Page[AccountLine]:
    """Accounts whose username or name contains `q`, by username."""
    limit, offset = window(number, size)
    where = f"{_IN_REACH} AND ($3 = '' OR strpos(lower(a.username || ' ' || a.name), lower($3)) > 0)"
    values = (scope.everywhere, list(scope.units), q)
    total = await fetch_value(f"SELECT count(*) FROM account a WHERE {where}", *values)
    rows = await fetch_as(
        AccountLine,
        f"""
        SELECT a.id, a.username, a.name, a.active, a.must_change, a.locked_until,
               (SELECT max(s.seen_at) FROM session s WHERE s.account = a.id),
               ARRAY(SELECT (g.role, u.name) FROM account_grant g JOIN unit u ON u.id = g.unit
                     WHERE g.account = a.id ORDER BY g.granted_at, g.id)
        FROM account a WHERE {where} ORDER BY a.active DESC, a.username LIMIT $4 OFFSET $5
        """,
        *values,
        limit,
        offset,
    )
    return Page(items=rows, total=total, number=offset // limit + 1, size=limit)


async def find_account(id: AccountId, scope: Scope) -> AccountDetail | None:
    """An account within reach."""
    return await one_as(
        AccountDetail,
        f"""
        SELECT a.id, a.username, a.name, a.active, a.must_change, a.failures, a.locked_until, a.created_at,
               (SELECT max(s.seen_at) FROM session s WHERE s.account = a.id), a.officer,
               (SELECT o.name FROM officer o WHERE o.id = a.officer)
        FROM account a WHERE {_IN_REACH} AND a.id = $3
        """,
        scope.everywhere,
        list(scope.units),
        id,
    )


async def grants_of(account: AccountId) -> list[GrantLine]:
    """What an account may do and where, oldest first."""
    rows = await fetch(
        """
        SELECT g.id, g.role, g.unit, u.name, g.granted_at, by.name
        FROM account_grant g JOIN unit u ON u.id = g.unit LEFT JOIN account by ON by.id = g.granted_by
        WHERE g.account = $1 ORDER BY g.granted_at, g.id
        """,
        account,
    )
    return [GrantLine(grant, Role(role), *rest) for grant, role, *rest in rows]


async def units_within(scope: Scope) -> list[UnitChoice]:
    """The units a role may be granted over, the tree read from the top."""
    return await fetch_as(
        UnitChoice,
        """
        WITH RECURSIVE tree AS (
            SELECT id, name, 0 AS depth, ARRAY[ROW(position, name)] AS way FROM unit WHERE parent IS NULL
            UNION ALL
            SELECT u.id, u.name, tree.depth + 1, tree.way || ROW(u.position, u.name)
            FROM unit u JOIN tree ON u.parent = tree.id
        )
        SELECT t.id, t.name, t.depth FROM tree t
        WHERE $1 OR EXISTS (SELECT FROM unit_ancestor above
                            WHERE above.unit = t.id AND above.ancestor = ANY ($2::uuid[]))
        ORDER BY t.way
        """,
        scope.everywhere,
        list(scope.units),
    )
