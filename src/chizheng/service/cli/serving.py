"""Commands that serve."""

import asyncio
import socket
import unicodedata
from collections.abc import Sequence

import click
import msgspec

from chizheng.kernel import clock
from chizheng.kernel.access import ROLE_NAMES
from chizheng.kernel.db import fetch_value
from chizheng.kernel.home import ensure_home
from chizheng.kernel.i18n import N_, _
from chizheng.service.cli.installation import POOL, begin_directory
from chizheng.service.cli.speaking import Command
from chizheng.service.database import Address, opened, postgres
from chizheng.service.demo import LOGINS_FILE, Login, kept_logins, seed_demo
from chizheng.service.server import address_of, listen, undisturbed_afterwards, until_stopped
from chizheng.service.server import serve as serve_on
from chizheng.service.settings import Settings, read_settings


@click.command(cls=Command, help=N_("启动服务，直到 Ctrl-C"))
def serve() -> None:
    settings = read_settings()
    with until_stopped(), listen(settings.host, settings.port) as listening:
        ensure_home()
        with postgres(watch=True) as database, undisturbed_afterwards():
            asyncio.run(_ready(database))
            _say_where(listening)
            serve_on(settings, database.service, listening)


@click.command(cls=Command, help=N_("演示：虚构一个区的数据，列出各角色的登录账号，并启动服务"))
def demo() -> None:
    settings = read_settings()
    with until_stopped(), listen(settings.host, settings.port) as listening:
        home = ensure_home()
        logins = kept_logins(home)
        with postgres(watch=True) as database, undisturbed_afterwards():
            asyncio.run(_seeded(database, logins))
            _say_where(listening)
            click.echo(_table(logins))
            click.echo(_("密码保存在 %(file)s", file=home / LOGINS_FILE))
            click.echo(_("按 Ctrl-C 停止"))
            serve_on(_quiet(settings), database.service, listening)


async def _ready(database: Address) -> None:
    async with opened(database, POOL):
        await begin_directory()
        if not await fetch_value("SELECT EXISTS (SELECT FROM account)"):
            click.echo(_("还没有账号：用 chizheng user add 新建第一个"), err=True)


async def _seeded(database: Address, logins: list[Login]) -> None:
    async with opened(database, POOL):
        await begin_directory()
        if await seed_demo(logins, clock.today()):
            click.echo(_("已建立演示区：244 名执法人员，均属虚构"), err=True)
        elif not await fetch_value(
            "SELECT EXISTS (SELECT FROM account WHERE username = $1)", logins[0].username
        ):
            click.echo(_("数据库里已有人员，没有装入演示数据，下列账号无效"), err=True)


def _say_where(listening: socket.socket) -> None:
    click.echo(_("服务地址：%(address)s", address=address_of(listening)))


def _quiet(settings: Settings) -> Settings:
    """The demo's terminal shows its logins, not a log, unless a log was asked for."""
    return msgspec.structs.replace(settings, log="warning") if settings.log == "info" else settings


def _table(logins: Sequence[Login]) -> str:
    head = (_("角色"), _("用户名"), _("密码"))
    rows = [head, *((_(ROLE_NAMES[login.role]), login.username, login.password) for login in logins)]
    widths = [max(_width(row[column]) for row in rows) for column in range(2)]
    return "\n".join(
        "  ".join([_padded(row[0], widths[0]), _padded(row[1], widths[1]), row[2]]) for row in rows
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
