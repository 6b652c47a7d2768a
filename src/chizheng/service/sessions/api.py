"""Session and password over the API."""

from typing import Annotated, Any

import msgspec
from litestar import Request as LitestarRequest
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chizheng.kernel import clock
from chizheng.kernel.access import Actor, Grant, logged_in, public
from chizheng.kernel.errors import NotLoggedIn
from chizheng.kernel.ids import AccountId
from chizheng.kernel.web import Request, actor_of
from chizheng.service.sessions.cookies import caller_of, carried, give_form_token, give_session, take_session
from chizheng.service.sessions.login import change_password, log_in, log_out
from chizheng.service.sessions.queries import load_actor


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants in."""

    username: Annotated[str, msgspec.Meta(max_length=60, examples=["sj.chen"])]
    password: Annotated[str, msgspec.Meta(max_length=1000)]


class AccountAnswer(msgspec.Struct):
    """The account behind a session."""

    id: AccountId
    username: str
    name: str


class RoleAnswer(msgspec.Struct):
    """A role over a unit and all below it."""

    role: str
    unit: str
    unit_name: str


class SessionAnswer(msgspec.Struct):
    """The session. `csrf_token` goes into forms of pages; the API itself does not ask for it."""

    account: AccountAnswer
    roles: list[RoleAnswer]
    csrf_token: str
    must_change: bool


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True):
    """The old and the new password."""

    old: Annotated[str, msgspec.Meta(max_length=1000)]
    new: Annotated[str, msgspec.Meta(max_length=1000)]


@post("/api/v1/session", status_code=200, summary="Log in", **public())
async def begin(request: Request, data: JSONBody[Login]) -> Response[SessionAnswer]:
    """Logs in; the answer sets the session cookie. 401 `login_failed` whatever was wrong."""
    done = await log_in(
        data.username,
        data.password,
        caller_of(request),
        now=clock.now(),
        hours=request.app.state.settings.session_hours,
        replaced=carried(request),
    )
    answer = _answer(request, await load_actor(done.account))
    give_session(request, answer, done.token)
    return answer


@get("/api/v1/session", summary="Who is logged in", **logged_in())
async def show(request: Request) -> Response[SessionAnswer]:
    """The account and its roles."""
    return _answer(request, request.user)


@delete("/api/v1/session", status_code=204, summary="Log out", **public())
async def end(request: Request) -> Response[None]:
    """Ends the session; without one, nothing happens."""
    actor = actor_of(request)
    if actor is not None:
        await log_out(actor)
    answer: Response[None] = Response(None, status_code=204)
    take_session(request, answer)
    return answer


@post("/api/v1/password", status_code=200, summary="Change the password", **logged_in())
async def change(request: Request, data: JSONBody[PasswordChange]) -> Response[SessionAnswer]:
    """Changes one's own password; every other session ends, this one is renewed."""
    token = await change_password(
        request.user,
        data.old,
        data.new,
        caller_of(request),
        now=clock.now(),
        hours=request.app.state.settings.session_hours,
    )
    if request.user.account is None:
        raise NotLoggedIn
    answer = _answer(request, await load_actor(request.user.account))
    give_session(request, answer, token)
    return answer


def _answer(request: LitestarRequest[Any, Any, Any], actor: Actor) -> Response[SessionAnswer]:
    assert actor.account is not None
    answer: Response[Any] = Response(None)
    answer.content = SessionAnswer(
        account=AccountAnswer(actor.account, actor.username, actor.name),
        roles=[_role(grant) for grant in actor.grants],
        csrf_token=give_form_token(request, answer),
        must_change=actor.must_change,
    )
    return answer


def _role(grant: Grant) -> RoleAnswer:
    return RoleAnswer(grant.role, str(grant.unit), grant.unit_name)


ROUTES = [begin, show, end, change]
