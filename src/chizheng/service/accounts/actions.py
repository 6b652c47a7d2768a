"""Everything that is done to accounts: made, reset, unlocked, closed, granted roles."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import audit
from chizheng.kernel.access import Actor, Permission, Role, Scope
from chizheng.kernel.db import execute, fetch, fetch_one, fetch_value, transactional
from chizheng.kernel.errors import Conflict, Invalid, NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import AccountId, OfficerId, UnitId, new_id
from chizheng.service.accounts.hashing import hash_password
from chizheng.service.accounts.rules import (
    THREE_OFFICES,
    offices_clash,
    one_time_password,
    password_fault,
    username_fault,
)
from chizheng.service.sessions.actions import end_sessions_of


class FirstLogin(msgspec.Struct, frozen=True):
    """A new or reset account with its one-time password: shown once, kept nowhere."""

    account: AccountId
    username: str
    password: str


async def create_account(
    actor: Actor, username: str, name: str, *, now: datetime, officer: OfficerId | None = None
) -> FirstLogin:
    """A new account without any role, with a random one-time password. Raises Invalid, or Conflict."""
    actor.require(Permission.ACCOUNT_MANAGE)
    username = username.strip().lower()
    if fault := username_fault(username):
        raise Invalid(fault, username=fault)
    first = FirstLogin(AccountId(new_id()), username, one_time_password())
    await _store_account(actor, first, name, officer, await hash_password(first.password), now)
    return first


async def reset_password(actor: Actor, account: AccountId) -> FirstLogin:
    """A new one-time password; every session of the account ends.

    The three offices' passwords are reset from the command line only: else the administrator could become them.
    """
    scope = actor.scope(Permission.ACCOUNT_MANAGE)
    password = one_time_password()
    hashed = await hash_password(password)
    return FirstLogin(account, await _store_reset(actor, scope, account, hashed), password)


async def set_password(account: AccountId, password: str, *, must_change: bool = False) -> None:
    """Gives an account a known password; for the demo district. Raises Invalid for a poor one."""
    username = await fetch_value("SELECT username FROM account WHERE id = $1", account)
    if fault := password_fault(password, username or ""):
        raise Invalid(fault, password=fault)
    hashed = await hash_password(password)
    await execute(
        "UPDATE account SET password_hash = $2, must_change = $3 WHERE id = $1", account, hashed, must_change
    )


@transactional
async def unlock(actor: Actor, account: AccountId) -> None:
    """Forgets failed logins."""
    await _lock(account, actor.scope(Permission.ACCOUNT_MANAGE))
    await execute("UPDATE account SET failures = 0, locked_until = NULL WHERE id = $1", account)
    await audit.record(actor, "account.unlock", ("account", account))


@transactional
async def deactivate(actor: Actor, account: AccountId) -> None:
    """Closes an account; its sessions end. Nobody closes their own."""
    await _lock(account, actor.scope(Permission.ACCOUNT_MANAGE))
    if account == actor.account:
        raise Conflict("own_account", _("不能停用自己的账号"))
    await execute("UPDATE account SET active = false WHERE id = $1", account)
    await end_sessions_of(account)
    await audit.record(actor, "account.deactivate", ("account", account), {"active": [True, False]})


@transactional
async def activate(actor: Actor, account: AccountId) -> None:
    """Opens a closed account again."""
    await _lock(account, actor.scope(Permission.ACCOUNT_MANAGE))
    await execute(
        "UPDATE account SET active = true, failures = 0, locked_until = NULL WHERE id = $1", account
    )
    await audit.record(actor, "account.activate", ("account", account), {"active": [False, True]})


@transactional
async def grant_role(actor: Actor, account: AccountId, role: Role, unit: UnitId, *, now: datetime) -> UUID:
    """Gives a role over a unit and all below it. Nobody grants to themselves."""
    scope = actor.scope(Permission.ACCOUNT_GRANT)
    await _lock(account, scope)
    _refuse_own(actor, account)
    unit_name = await _unit_within(unit, scope)
    held = [Role(row[0]) for row in await fetch("SELECT role FROM account_grant WHERE account = $1", account)]
    if offices_clash(held, role):
        raise Conflict("separation_of_duties", _("系统管理员、安全管理员、审计员不能由同一人担任"))
    grant = new_id()
    try:
        await execute(
            "INSERT INTO account_grant (id, account, role, unit, granted_at, granted_by)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            grant,
            account,
            role,
            unit,
            now,
            actor.account,
        )
    except asyncpg.UniqueViolationError:
        raise Conflict("account_grant_once", _("已有这项授权")) from None
    await audit.record(actor, "account.grant", ("account", account), {"role": role, "unit": unit_name})
    return grant


@transactional
async def remove_grant(actor: Actor, account: AccountId, grant: UUID) -> None:
    """Takes a role away; the next request of that person feels it."""
    scope = actor.scope(Permission.ACCOUNT_GRANT)
    await _lock(account, scope)
    _refuse_own(actor, account)
    taken = await fetch_one(
        "DELETE FROM account_grant g USING unit u WHERE u.id = g.unit AND g.id = $1 AND g.account = $2"
        " RETURNING g.role, u.name",
        grant,
        account,
    )
    if taken is None:
        raise NotFound(_("这项授权"))
    await audit.record(
        actor, "account.ungrant", ("account", account), {"role": taken["role"], "unit": taken["name"]}
    )


@transactional
async def _store_account(
    actor: Actor, first: FirstLogin, name: str, officer: OfficerId | None, hashed: str, now: datetime
) -> None:
    try:
        await execute(
            "INSERT INTO account (id, username, name, password_hash, must_change, officer, created_at, created_by)"
            " VALUES ($1, $2, $3, $4, true, $5, $6, $7)",
            first.account,
            first.username,
            name,
            hashed,
            officer,
            now,
            actor.account,
        )
    except asyncpg.UniqueViolationError:
        sentence = _("用户名已被使用")
        raise Invalid(sentence, code="account_username_key", username=sentence) from None
    await audit.record(
        actor, "account.create", ("account", first.account), {"username": first.username, "name": name}
    )


@transactional
async def _store_reset(actor: Actor, scope: Scope, account: AccountId, hashed: str) -> str:
    username = await _lock(account, scope)
    held = {Role(row[0]) for row in await fetch("SELECT role FROM account_grant WHERE account = $1", account)}
    if held & THREE_OFFICES and not actor.system:
        raise Conflict("separation_of_duties", _("三员账号的密码只能在服务器上用命令行重置"))
    await execute(
        "UPDATE account SET password_hash = $2, must_change = true, failures = 0, locked_until = NULL WHERE id = $1",
        account,
        hashed,
    )
    await end_sessions_of(account)
    await audit.record(actor, "account.reset_password", ("account", account))
    return username


async def _lock(account: AccountId, scope: Scope) -> str:
    """The account's row, held to the end of the transaction; NotFound when out of reach. Returns its username."""
    username: str | None = await fetch_value(
        """
        SELECT a.username FROM account a
        WHERE a.id = $1 AND ($2 OR NOT EXISTS (
            SELECT FROM account_grant held WHERE held.account = a.id AND NOT EXISTS (
                SELECT FROM unit_ancestor above WHERE above.unit = held.unit AND above.ancestor = ANY ($3::uuid[]))))
        FOR UPDATE
        """,
        account,
        scope.everywhere,
        list(scope.units),
    )
    if username is None:
        raise NotFound(_("这个账号"))
    return username


async def _unit_within(unit: UnitId, scope: Scope) -> str:
    name: str | None = await fetch_value(
        "SELECT u.name FROM unit u WHERE u.id = $1 AND ($2 OR EXISTS (SELECT FROM unit_ancestor above"
        " WHERE above.unit = u.id AND above.ancestor = ANY ($3::uuid[])))",
        unit,
        scope.everywhere,
        list(scope.units),
    )
    if name is None:
        raise Invalid(_("请从列表中选择"), unit=_("请从列表中选择"))
    return name


def _refuse_own(actor: Actor, account: AccountId) -> None:
    if account == actor.account:
        raise Conflict("own_account", _("不能改动自己的授权"))
