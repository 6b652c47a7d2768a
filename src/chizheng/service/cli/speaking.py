"""Click in the user's language: help texts are messages like any other, translated when shown."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import click

from chizheng.kernel.i18n import CHINESE, ENGLISH, _

F = TypeVar("F", bound=Callable[..., Any])
LARGEST_FILE: Final = 20 * 2**20  # bytes


def language_of(environment: Mapping[str, str]) -> str:
    """English where the locale says so, else Chinese: C and POSIX say nothing about people."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return ENGLISH if environment[name].lower().startswith("en") else CHINESE
    return CHINESE


def in_language(help: str | None) -> str:
    """A help text as the reader is to see it."""
    return _(help) if help else ""


class Option(click.Option):
    """An option whose help is a message."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        return record and (record[0], in_language(self.help))


class Spoken(click.Command):
    """A command whose help is a message."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # the parser does not know whose arguments it reads
            raise

    def get_short_help_str(self, limit: int = 45) -> str:
        return in_language(self.help)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        words = {"[OPTIONS]": _("[选项]"), "COMMAND [ARGS]...": _("命令 [参数]...")}
        return [words.get(piece, piece) for piece in super().collect_usage_pieces(ctx)]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=_("用法：") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(in_language(self.help))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [option.get_help_record(ctx) for option in options]
        shown = [record for record in records if record]
        if shown:
            with formatter.section(_("选项")):
                formatter.write_dl(shown)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _("显示这段说明")
        return option


class Command(Spoken):
    """One thing to do."""


class Group(Spoken, click.Group):
    """Several; its help lists them all, those of groups within included."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section(_("命令")):
            formatter.write_dl([(name, command.get_short_help_str()) for name, command in walk(self)])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Nothing: format_options has written them."""


Group.group_class = Group


def walk(group: click.Group, above: str = "") -> list[tuple[str, click.Command]]:
    """Every command below a group by its full name, such as `user add`, in the order they were added."""
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += walk(command, f"{above}{name} ")
        else:
            found.append((above + name, command))
    return found


def option(*names: str, help: str, **settings: Any) -> Callable[[F], F]:
    """click.option with a message for its help."""
    return click.option(*names, cls=Option, help=help, **settings)


def in_words(error: click.ClickException) -> str:
    """What is wrong with how a command was typed."""
    if isinstance(error, click.MissingParameter):
        return _("缺少参数 %(name)s", name=_name(error.param))
    if isinstance(error, click.NoSuchOption):
        return _("没有选项 %(name)s", name=error.option_name)
    if isinstance(error, click.NoSuchCommand):
        return _("没有命令 %(name)s", name=error.command_name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        return _("参数 %(name)s 用不了：%(why)s", name=_name(error.param), why=error.message)
    if isinstance(error, click.BadOptionUsage):
        return _("选项 %(name)s 缺少它的值，或不该有值", name=error.option_name)
    return _("命令写法不对：%(why)s", why=error.format_message())


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return ""
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name


class Given(NamedTuple):
    """A file somebody named, read whole."""

    path: Path
    content: bytes


class WholeFile(click.ParamType[Given]):
    """A file that is read at once, if it is not larger than any that can be used."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Given:
        if isinstance(value, Given):
            return value
        try:
            with open(value, "rb") as file:
                content = file.read(LARGEST_FILE + 1)
        except FileNotFoundError:
            self.fail(_("没有这个文件：%(path)s", path=value), param, ctx)
        except OSError as problem:
            self.fail(_("文件打不开：%(path)s（%(why)s）", path=value, why=problem.strerror), param, ctx)
        if len(content) > LARGEST_FILE:
            self.fail(
                _("文件超过 %(limit)s MiB：%(path)s", limit=LARGEST_FILE // 2**20, path=value), param, ctx
            )
        return Given(Path(value), content)


class NewFile(click.ParamType[Path]):
    """A file to be written; where it goes is looked at before anything is done."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            self.fail(_("不能写入这个位置：%(path)s", path=value), param, ctx)
        return path


class Number(click.ParamType[UUID]):
    """The number of a thing, as commands and pages show it."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> UUID:
        try:
            return value if isinstance(value, UUID) else UUID(value)
        except ValueError:
            self.fail(_("不是编号：%(value)s", value=value), param, ctx)
