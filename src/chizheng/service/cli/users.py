"""Commands for accounts: the way to the first one, and back in for whoever is locked out."""

from typing import Any

import click

from chizheng.kernel import clock
from chizheng.kernel.access import RELATIONS, ROLE_NAMES, SYSTEM, Role
from chizheng.kernel.db import fetch, fetch_value
from chizheng.kernel.errors import Invalid, NotFound
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.ids import AccountId, OfficerId, UnitId
from chizheng.service.accounts.actions import FirstLogin, create_account, grant_role, reset_password
from chizheng.service.cli.installation import with_installation
from chizheng.service.cli.speaking import Group, option

OF_ONE_UNIT = frozenset({*RELATIONS, Role.OFFICER})


class RoleName(click.ParamType[Role]):
    """A role by its code or its Chinese name."""

    name = "role"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Role:
        found = [role for role, name in ROLE_NAMES.items() if value in (role.value, name)]
        if not found:
            self.fail(_("没有角色 %(role)s，可用：%(known)s", role=value, known=" ".join(Role)), param, ctx)
        return found[0]


@click.group(cls=Group, name="user", help=N_("账号"))
def user() -> None:
    pass


@user.command(help=N_("新建账号并授予一个角色，显示一次性密码"))
@click.argument("username", metavar="USERNAME")
@option("--name", required=True, metavar="NAME", help=N_("姓名"))
@option(
    "--role",
    required=True,
    type=RoleName(),
    metavar="ROLE",
    help=N_("角色，如 town_bureau 或 镇综合行政执法局"),
)
@option("--unit", metavar="UNIT", help=N_("管辖单位的名称或别名；全区性角色可省略"))
@option("--certificate", metavar="NUMBER", help=N_("执法人员本人的证号"))
def add(username: str, name: str, role: Role, unit: str | None, certificate: str | None) -> None:
    first = with_installation(lambda: _add(username, name, role, unit, certificate))
    _show(first)


@user.command(name="reset-password", help=N_("重置账号的密码，显示一次性密码"))
@click.argument("username", metavar="USERNAME")
def reset(username: str) -> None:
    _show(with_installation(lambda: _reset(username)))


@user.command(name="list", help=N_("列出账号及其角色和单位"))
def list_users() -> None:
    accounts = with_installation(_list)
    if not accounts:
        click.echo(_("还没有账号，用 chizheng user add 新建"), err=True)
    for row in accounts:
        state = "" if row["active"] else _("（已停用）")
        duties = "; ".join(f"{_(ROLE_NAMES[Role(role)])} {unit}" for role, unit in row["duties"])
        click.echo(f"{row['username']}  {row['name']}  {duties}{state}")


async def _add(username: str, name: str, role: Role, unit: str | None, certificate: str | None) -> FirstLogin:
    # both are looked up first, so that no account is left behind without its role
    place = await _unit(role, unit)
    officer = await _holder(certificate) if certificate else None
    first = await create_account(SYSTEM, username, name, now=clock.now(), officer=officer)
    await grant_role(SYSTEM, first.account, role, place, now=clock.now())
    return first


async def _unit(role: Role, name: str | None) -> UnitId:
    if name is None and role in OF_ONE_UNIT:
        raise Invalid(_("这个角色要用 --unit 指明单位"))
    found = await fetch_value(
        "SELECT id FROM unit WHERE parent IS NULL AND $1::text IS NULL"
        " UNION SELECT id FROM unit WHERE name = $1"
        " UNION SELECT unit FROM unit_alias WHERE alias = $1 LIMIT 1",
        name,
    )
    if found is None:
        raise NotFound(_("这个单位"))
    return UnitId(found)


async def _holder(certificate: str) -> OfficerId:
    officer = await fetch_value(
        "SELECT officer FROM certificate WHERE number = $1 AND superseded_at IS NULL", certificate
    )
    if officer is None:
        raise NotFound(_("这个证号的执法人员"))
    return OfficerId(officer)


async def _reset(username: str) -> FirstLogin:
    account = await fetch_value("SELECT id FROM account WHERE username = $1", username.strip().lower())
    if account is None:
        raise NotFound(_("这个账号"))
    return await reset_password(SYSTEM, AccountId(account))


async def _list() -> list[Any]:
    return await fetch(
        "SELECT a.username, a.name, a.active, ARRAY(SELECT (g.role, u.name) FROM account_grant g"
        " JOIN unit u ON u.id = g.unit WHERE g.account = a.id ORDER BY g.granted_at, g.id) AS duties"
        " FROM account a ORDER BY a.username"
    )


def _show(first: FirstLogin) -> None:
    click.echo(_("用户名：%(username)s", username=first.username))
    click.echo(_("一次性密码：%(password)s", password=first.password))
    click.echo(_("首次登录时须修改；密码不会再次显示"), err=True)
