"""How a command ends: every error is one clear sentence and an exit code, never a trace."""

import os
import sys
import traceback
from collections.abc import Sequence
from socket import gaierror
from typing import Final, NoReturn

import asyncpg
import click

from chizheng.kernel import clock
from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.home import ensure_home
from chizheng.kernel.i18n import _, set_language
from chizheng.kernel.migrating import DatabaseTooOld
from chizheng.kernel.postgres import PostgresFailed
from chizheng.service.cli.commands import cli
from chizheng.service.cli.speaking import in_words, language_of
from chizheng.service.constraints import broken_constraint
from chizheng.service.settings import BadSetting

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130
LOG: Final = "errors.log"


def run_and_exit(arguments: Sequence[str] | None) -> NoReturn:
    """Runs the command line in the language of the terminal, and exits."""
    set_language(language_of(os.environ))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without Chinese still gets the rest
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = cli.main(arguments and list(arguments), prog_name="chizheng", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return USAGE
    except click.ClickException as error:
        hint = _("用 %(command)s --help 看用法", command=_command(error))
        click.echo(f"{in_words(error)}\n{hint}", err=True)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo(_("已中断"), err=True)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the reader left; nothing to say at exit
        return FAILED
    except Exception as error:
        click.echo(sentence(error), err=True)
        return FAILED
    return code if isinstance(code, int) else 0


def sentence(error: Exception) -> str:
    """What went wrong, for a person; what nobody foresaw goes to the log with its trace."""
    if isinstance(error, ChizhengError):
        return "\n".join([error.message, *_fields(error)])
    if isinstance(error, PostgresFailed):
        return f"{error.problem}{error.remedy}"
    if isinstance(error, BadSetting):
        return _("设置有误：%(what)s", what=error)
    if isinstance(error, DatabaseTooOld):
        return _("数据库版本过旧，需要 PostgreSQL 15 或更新")
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return broken_constraint(error).message
    if isinstance(
        error, asyncpg.PostgresError | asyncpg.InterfaceError | ConnectionError | TimeoutError | gaierror
    ):
        return _(
            "数据库连不上或不应答：%(why)s",
            why=str(error).splitlines()[0] if str(error) else type(error).__name__,
        )
    if isinstance(error, OSError) and error.filename:
        return _("文件或目录用不了：%(path)s（%(why)s）", path=error.filename, why=error.strerror)
    return _("出现了没有预料到的错误，详情见 %(log)s", log=_note(error))


def _fields(error: ChizhengError) -> list[str]:
    """The sentences by field that add something."""
    errors = error.details.get("errors", {})
    return [f"  {name}: {words}" for name, words in errors.items() if words != error.message]


def _note(error: Exception) -> str:
    path = ensure_home() / "log" / LOG
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write(f"{clock.now().isoformat()}\n{''.join(traceback.format_exception(error))}\n")
    return str(path)


def _command(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "chizheng"
