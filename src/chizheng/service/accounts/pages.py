"""Accounts for the administrator (made, reset, closed) and the security officer (granted roles)."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from chizheng.kernel import clock
from chizheng.kernel.access import ROLE_NAMES, Permission, Role, requires
from chizheng.kernel.errors import Conflict, Invalid, NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import AccountId, UnitId
from chizheng.kernel.paging import SIZES
from chizheng.kernel.web import Form, Redirect, Request, Template, form, parse_form, redirect, render
from chizheng.service.accounts import actions
from chizheng.service.accounts.queries import (
    AccountDetail,
    find_account,
    grants_of,
    list_accounts,
    units_within,
)
from chizheng.service.accounts.rules import username_fault


class NewAccount(msgspec.Struct):
    """Who is to get an account."""

    username: Annotated[str, msgspec.Meta(min_length=2, max_length=60)]
    name: Annotated[str, msgspec.Meta(max_length=60)]


class NewGrant(msgspec.Struct):
    """A role over a unit."""

    role: Role
    unit: UUID


@get("/accounts", **requires(Permission.ACCOUNT_READ))
async def list_page(request: Request, q: FromQuery[str] = "", page: FromQuery[int] = 1) -> Template:
    """All accounts within reach, by username."""
    q = q.replace("\0", "").strip()[:60]
    found = await list_accounts(request.user.scope(Permission.ACCOUNT_READ), q, page, SIZES[0])
    return render(
        request,
        "accounts/list.html",
        accounts=found,
        q=q,
        filters=form({"q": q}),
        query={"q": q},
        now=clock.now(),
    )


@get("/accounts/new", **requires(Permission.ACCOUNT_MANAGE))
async def new_page(request: Request) -> Template:
    """The form for a new account."""
    return render(request, "accounts/new.html", form=form({}))


@post("/accounts/new", status_code=200, **requires(Permission.ACCOUNT_MANAGE))
async def create(request: Request, data: Form) -> Template:
    """Makes the account; its one-time password is shown on this answer and never again."""
    try:
        wanted = parse_form(NewAccount, data, _username_fault)
        first = await actions.create_account(request.user, wanted.username, wanted.name, now=clock.now())
    except Invalid as error:
        return render(request, "accounts/new.html", status=422, form=form(data, error))
    return render(request, "accounts/first_login.html", first=first, made=True)


@get("/accounts/{id:uuid}", **requires(Permission.ACCOUNT_READ))
async def account_page(request: Request, id: FromPath[UUID]) -> Template:
    """One account: its state, its roles, what may be done to it."""
    return await _account_page(request, AccountId(id))


@post("/accounts/{id:uuid}/reset", status_code=200, **requires(Permission.ACCOUNT_MANAGE))
async def reset(request: Request, id: FromPath[UUID]) -> Template:
    """A new one-time password, shown on this answer and never again."""
    try:
        first = await actions.reset_password(request.user, AccountId(id))
    except Conflict as error:
        return await _account_page(request, AccountId(id), problem=error)
    return render(request, "accounts/first_login.html", first=first, made=False)


@post("/accounts/{id:uuid}/unlock", status_code=200, **requires(Permission.ACCOUNT_MANAGE))
async def unlock(request: Request, id: FromPath[UUID]) -> Redirect:
    """Forgets failed logins."""
    await actions.unlock(request.user, AccountId(id))
    return redirect(f"/accounts/{id}", say=_("账号已解锁"))


@post("/accounts/{id:uuid}/deactivate", status_code=200, **requires(Permission.ACCOUNT_MANAGE))
async def deactivate(request: Request, id: FromPath[UUID]) -> Redirect | Template:
    """Closes the account."""
    try:
        await actions.deactivate(request.user, AccountId(id))
    except Conflict as error:
        return await _account_page(request, AccountId(id), problem=error)
    return redirect(f"/accounts/{id}", say=_("账号已停用"))


@post("/accounts/{id:uuid}/activate", status_code=200, **requires(Permission.ACCOUNT_MANAGE))
async def activate(request: Request, id: FromPath[UUID]) -> Redirect:
    """Opens it again."""
    await actions.activate(request.user, AccountId(id))
    return redirect(f"/accounts/{id}", say=_("账号已启用"))


@post("/accounts/{id:uuid}/grants", status_code=200, **requires(Permission.ACCOUNT_GRANT))
async def grant(request: Request, id: FromPath[UUID], data: Form) -> Redirect | Template:
    """Gives a role over a unit."""
    try:
        wanted = parse_form(NewGrant, data)
        await actions.grant_role(
            request.user, AccountId(id), wanted.role, UnitId(wanted.unit), now=clock.now()
        )
    except (Invalid, Conflict) as error:
        return await _account_page(request, AccountId(id), problem=error, data=data)
    return redirect(f"/accounts/{id}", say=_("已授权"))


@post(
    "/accounts/{id:uuid}/grants/{grant_id:uuid}/remove", status_code=200, **requires(Permission.ACCOUNT_GRANT)
)
async def remove_grant(request: Request, id: FromPath[UUID], grant_id: FromPath[UUID]) -> Redirect | Template:
    """Takes a role away."""
    try:
        await actions.remove_grant(request.user, AccountId(id), grant_id)
    except Conflict as error:
        return await _account_page(request, AccountId(id), problem=error)
    return redirect(f"/accounts/{id}", say=_("已收回授权"))


async def _account_page(
    request: Request, id: AccountId, problem: Invalid | Conflict | None = None, data: Form | None = None
) -> Template:
    account = await _found(request, id)
    user = request.user
    may_grant = user.may(Permission.ACCOUNT_GRANT) and id != user.account
    units = await units_within(user.scope(Permission.ACCOUNT_GRANT)) if may_grant else []
    return render(
        request,
        "accounts/account.html",
        status=problem.status if problem else 200,
        account=account,
        grants=await grants_of(id),
        may_manage=user.may(Permission.ACCOUNT_MANAGE),
        may_grant=may_grant,
        own=id == user.account,
        units=[(unit.id, "　" * unit.depth + unit.name) for unit in units],
        roles=[(role, _(name)) for role, name in ROLE_NAMES.items()],
        form=form(data or {}, problem if isinstance(problem, Invalid) else None),
        problem=problem.message if isinstance(problem, Conflict) else "",
        now=clock.now(),
    )


def _username_fault(known: Mapping[str, Any]) -> dict[str, str]:
    fault = username_fault(known["username"].lower()) if "username" in known else None
    return {"username": fault} if fault else {}


async def _found(request: Request, id: AccountId) -> AccountDetail:
    account = await find_account(id, request.user.scope(Permission.ACCOUNT_READ))
    if account is None:
        raise NotFound(_("这个账号"))
    return account


ROUTES = [
    list_page,
    new_page,
    create,
    account_page,
    reset,
    unlock,
    deactivate,
    activate,
    grant,
    remove_grant,
]
