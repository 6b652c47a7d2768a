"""Log in, log out, change the password, choose language and theme."""

from typing import Any

from litestar import Request as LitestarRequest
from litestar import Response, get, post
from litestar.params import FromQuery

from chizheng.kernel import clock
from chizheng.kernel.access import logged_in, public
from chizheng.kernel.errors import ChizhengError, Invalid
from chizheng.kernel.i18n import LANGUAGES, _
from chizheng.kernel.web import (
    THEMES,
    Form,
    Redirect,
    Request,
    Template,
    actor_of,
    form,
    is_safe_path,
    redirect,
    render,
)
from chizheng.service.sessions.actions import keep_language, keep_theme
from chizheng.service.sessions.cookies import (
    LANGUAGE,
    THEME,
    caller_of,
    carried,
    give_session,
    remember,
    take_session,
)
from chizheng.service.sessions.login import (
    LoggedIn,
    LoginFailed,
    TooManyFailures,
    change_password,
    log_in,
    log_out,
)
from chizheng.service.sessions.typed import read_typed

# Choosing a language must work on every page, also on an error page that has no form token; the origin is checked.
HARMLESS: dict[str, Any] = {"opt": {"permission": "public", "exclude_from_csrf": True}}


@get("/login", **public())
async def login_page(request: Request, next: FromQuery[str] = "/") -> Template | Redirect:
    """The login form; whoever is logged in goes on."""
    if actor_of(request):
        return redirect(_local(next))
    return render(request, "sessions/login.html", form=form({"next": _local(next), "typed": ""}))


@post("/login", status_code=200, **public())
async def login(request: Request, data: Form) -> Template | Redirect:
    """Logs in and goes where the person wanted to go."""
    username, password, typed = (_text(data, name) for name in ("username", "password", "typed"))
    target = _local(_text(data, "next") or "/")
    try:
        done = await log_in(
            username,
            password,
            caller_of(request),
            now=clock.now(),
            hours=request.app.state.settings.session_hours,
            replaced=carried(request),
        )
    except (LoginFailed, TooManyFailures) as error:
        again = form({"username": username, "next": target, "typed": typed}, Invalid(error.message))
        return render(request, "sessions/login.html", status=error.status, form=again)
    kept = None if done.must_change else read_typed(typed, clock.now())
    answer: Template | Redirect = (
        render(request, "sessions/resume.html", typed=kept)
        if kept
        else redirect("/password" if done.must_change else target)
    )
    give_session(request, answer, done.token)
    await _settle_habits(request, answer, done)
    return answer


@post("/logout", status_code=200, **public())
async def logout(request: Request) -> Redirect:
    """Ends the session."""
    actor = actor_of(request)
    if actor is not None:
        await log_out(actor)
    answer = redirect("/login", say=_("已退出登录"))
    take_session(request, answer)
    return answer


@get("/password", **logged_in())
async def password_page(request: Request) -> Template:
    """The form to change one's own password."""
    return _password_form(request, None)


@post("/password", status_code=200, **logged_in())
async def change_own_password(request: Request, data: Form) -> Template | Redirect:
    """Changes it; every other session ends."""
    try:
        if _text(data, "new") != _text(data, "again"):
            raise Invalid(_("填写有误"), again=_("两次输入的新密码不一致"))
        token = await change_password(
            request.user,
            _text(data, "old"),
            _text(data, "new"),
            caller_of(request),
            now=clock.now(),
            hours=request.app.state.settings.session_hours,
        )
    except Invalid as error:
        return _password_form(request, error)
    answer = redirect("/", say=_("密码已修改，其他设备上的登录已退出"))
    give_session(request, answer, token)
    return answer


@post("/language", status_code=200, **HARMLESS)
async def choose_language(request: Request, data: Form) -> Redirect:
    """zh-CN or en, kept on the account and in this browser."""
    chosen = _text(data, "language")
    if chosen not in LANGUAGES:
        raise Invalid(_("请从列表中选择"), language=_("请从列表中选择"))
    actor = actor_of(request)
    if actor is not None and actor.account is not None:
        await keep_language(actor.account, chosen)
    answer = redirect(_back(request, data))
    remember(request, answer, LANGUAGE, chosen)
    return answer


@post("/theme", status_code=200, **HARMLESS)
async def choose_theme(request: Request, data: Form) -> Redirect:
    """auto, light or dark, kept on the account and in this browser."""
    chosen = _text(data, "theme")
    if chosen not in THEMES:
        raise Invalid(_("请从列表中选择"), theme=_("请从列表中选择"))
    actor = actor_of(request)
    if actor is not None and actor.account is not None:
        await keep_theme(actor.account, chosen)
    answer = redirect(_back(request, data))
    remember(request, answer, THEME, chosen)
    return answer


async def _settle_habits(
    request: LitestarRequest[Any, Any, Any], answer: Response[Any], done: LoggedIn
) -> None:
    """What was chosen before the login goes onto the account; else the account's choice comes to this browser."""
    language, theme = request.cookies.get(LANGUAGE), request.cookies.get(THEME)
    if language in LANGUAGES and language != done.language:
        await keep_language(done.account, language)
    elif language is None:
        remember(request, answer, LANGUAGE, done.language)
    if theme in THEMES and theme != done.theme:
        await keep_theme(done.account, theme)
    elif theme is None:
        remember(request, answer, THEME, done.theme)


def _password_form(request: Request, error: ChizhengError | None) -> Template:
    shown = form({}, error if isinstance(error, Invalid) else None)
    status = error.status if error else 200
    forced = request.user.must_change
    return render(request, "sessions/password.html", status=status, form=shown, forced=forced)


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name, "")
    return value if isinstance(value, str) else ""


def _local(path: str) -> str:
    return path if is_safe_path(path) and not path.startswith(("/login", "/logout")) else "/"


def _back(request: LitestarRequest[Any, Any, Any], data: dict[str, Any]) -> str:
    path = _text(data, "next")
    return path if is_safe_path(path) else "/"


ROUTES = [login_page, login, logout, password_page, change_own_password, choose_language, choose_theme]
