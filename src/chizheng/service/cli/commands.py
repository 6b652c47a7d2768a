"""The commands, and the small ones among them."""

import os
import shutil
import subprocess

import click

from chizheng.kernel import clock
from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.home import ensure_home
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.postgres import binaries
from chizheng.service.audit.labels import FAULT_NAMES
from chizheng.service.audit.verifying import verified
from chizheng.service.cli.importing import imports
from chizheng.service.cli.installation import with_installation
from chizheng.service.cli.serving import demo, serve
from chizheng.service.cli.speaking import Group
from chizheng.service.cli.users import user
from chizheng.service.database import postgres
from chizheng.service.jobs.work import SWEEP
from chizheng.service.settings import read_settings


@click.group(cls=Group, help=N_("持证：无证不执法，执法必有证"), context_settings={"max_content_width": 100})
def cli() -> None:
    pass


cli.add_command(serve)
cli.add_command(demo)


@cli.command(help=N_("准备数据库：建立或更新到本版本"))
def migrate() -> None:
    with_installation(_nothing)
    click.echo(_("数据库已是最新"))


cli.add_command(imports)
cli.add_command(user)


@cli.group(help=N_("审计记录"))
def audit() -> None:
    pass


@audit.command(name="verify", help=N_("校验审计记录：任何改动、删除、调换都会被指出"))
def verify_audit() -> None:
    faults, count = with_installation(verified)
    for fault in faults:
        click.echo(_("第 %(seq)s 条：%(what)s", seq=fault.seq, what=_(FAULT_NAMES[fault.kind])))
    if faults:
        raise ChizhengError("audit_broken", _("审计记录有 %(count)s 处不符", count=len(faults)))
    click.echo(_("审计记录完整，共 %(count)s 条", count=count))


@cli.command(help=N_("立即执行零点清理：失去上岗资格的人员从在办案件离岗"))
def sweep() -> None:
    outcome = with_installation(lambda: SWEEP.work(clock.today()))
    click.echo(_("清理完毕，%(count)s 项指派离岗", count=outcome["stood_down"]))


@cli.command(
    help=N_("以本系统的身份打开 psql，其后的参数原样交给它"),
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ...]")
@click.pass_context
def psql(context: click.Context, arguments: tuple[str, ...]) -> None:
    read_settings()
    ensure_home()
    outside = "CHIZHENG_DATABASE_URL" in os.environ
    program = (outside and shutil.which("psql")) or binaries.program("psql")
    with_installation(_nothing)
    with postgres() as address:
        client = subprocess.Popen([program, address.service, *arguments])  # noqa: S603  the user's own arguments, no shell
        while True:
            try:
                context.exit(client.wait())
            except KeyboardInterrupt:  # Ctrl-C in psql cancels a statement; psql itself goes on
                continue


async def _nothing() -> None:
    pass
