"""The command line: every command on an empty installation, and every error in one sentence."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from chizheng.kernel.i18n import CHINESE, set_language
from chizheng.kernel.postgres import EmbeddedPostgres
from chizheng.kernel.spreadsheets import WorkbookRefused
from chizheng.service.cli import main
from chizheng.service.cli.commands import cli
from chizheng.service.cli.endings import sentence
from chizheng.service.cli.speaking import language_of, walk
from chizheng.service.starter import DIRECTORY
from personnel.imports.importing import Outcome
from tests import conftest
from tests.personnel.imports.files import a_row, a_workbook

COMMANDS = [
    "serve", "demo", "migrate", "import roster", "import units", "user add", "user reset-password", "user list",
    "audit verify", "sweep", "psql",
]  # fmt: skip


class Said(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def chizheng(
    module_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Runs the command line in this process, on the module's database."""
    monkeypatch.setenv("CHIZHENG_DATABASE_URL", module_database)
    monkeypatch.setenv("CHIZHENG_HOME", str(tmp_path))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        set_language(CHINESE)
        printed = capfd.readouterr()
        assert "Traceback" not in printed.err
        return Said(int(ended.value.code or 0), printed.out, printed.err)

    return run


def test_help_lists_every_command_with_one_line_each(chizheng: Callable[..., Said]) -> None:
    assert [name for name, _command in walk(cli)] == COMMANDS
    said = chizheng("--help")
    listed = re.findall(r"^  ([a-z][a-z -]*?)  +(\S.*)$", said.out.partition("命令:")[2], re.MULTILINE)
    assert [name for name, _line in listed] == COMMANDS
    assert said.code == 0


def test_every_command_explains_itself(chizheng: Callable[..., Said]) -> None:
    for name, command in walk(cli):
        said = chizheng(*name.split(), "--help")
        assert (said.code, said.out.splitlines()[0].split()[1:3]) == (0, ["chizheng", name.split()[0]])
        assert command.help


def test_a_list_without_accounts_says_how_to_make_one(
    chizheng: Callable[..., Said], server: EmbeddedPostgres, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = f"empty_{template}"
    asyncio.run(conftest._copy(server.admin_dsn, template, empty))
    monkeypatch.setenv("CHIZHENG_DATABASE_URL", conftest._at(server.dsn, empty))
    said = chizheng("user", "list")
    assert (said.code, said.out, "chizheng user add" in said.err) == (0, "", True)


def test_without_a_command_the_help_is_shown(chizheng: Callable[..., Said]) -> None:
    said = chizheng()
    assert (said.code, said.out, "命令:" in said.err) == (2, "", True)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (["nope"], "没有命令 nope\n用 chizheng --help 看用法\n"),
        (["sweep", "--now"], "没有选项 --now\n用 chizheng sweep --help 看用法\n"),
        (["sweep", "now"], None),
        (["import", "units"], "缺少参数 FILE\n用 chizheng import units --help 看用法\n"),
        (["import", "roster"], "缺少参数 FILE\n用 chizheng import roster --help 看用法\n"),
        (["import", "units", "/no/such"], "参数 FILE 用不了：没有这个文件：/no/such\n用 chizheng import units --help 看用法\n"),
        (["import", "roster", "--undo", "7"], "参数 --undo 用不了：不是编号：7\n用 chizheng import roster --help 看用法\n"),
        (["user", "add", "--name"], "选项 --name 缺少它的值，或不该有值\n用 chizheng user add --help 看用法\n"),
    ],
)  # fmt: skip
def test_a_mistyped_command_is_answered_with_what_is_wrong(
    chizheng: Callable[..., Said], typed: list[str], answer: str | None
) -> None:
    said = chizheng(*typed)
    assert said.code == 2
    assert answer is None or said.err == answer


def test_the_first_command_sets_up_the_directory_and_says_so_once(chizheng: Callable[..., Said]) -> None:
    first, second = chizheng("migrate"), chizheng("migrate")
    assert first in (
        Said(0, "数据库已是最新\n", "新的安装：已建立起始单位目录（73 个单位）\n"), second,
    )  # fmt: skip
    assert second == Said(0, "数据库已是最新\n", "")


def test_an_account_is_made_with_its_role_and_listed(chizheng: Callable[..., Said]) -> None:
    chizheng("migrate")
    made = chizheng("user", "add", "Huangli", "--name", "湟里镇", "--role", "town", "--unit", "湟里")
    assert made.code == 0
    assert re.fullmatch(r"用户名：huangli\n一次性密码：[A-Z0-9]{4}(-[A-Z0-9]{4}){3}\n", made.out)
    assert "huangli  湟里镇  镇（街道） 湟里镇\n" in chizheng("user", "list").out
    again = chizheng("user", "reset-password", "huangli")
    assert (again.code, again.out != made.out) == (0, True)


@pytest.mark.parametrize(
    ("typed", "code", "answer"),
    [
        (["user", "add", "xx", "--name", "x", "--role", "town"], 1, "这个角色要用 --unit 指明单位\n"),
        (["user", "add", "xx", "--name", "x", "--role", "town", "--unit", "无此镇"], 1, "没有找到这个单位，或不在您的管辖范围内\n"),
        (["user", "add", "x x", "--name", "x", "--role", "auditor"], 1, None),
        (["user", "add", "xx", "--name", "x", "--role", "king"], 2, None),
        (["user", "reset-password", "nobody"], 1, "没有找到这个账号，或不在您的管辖范围内\n"),
    ],
)  # fmt: skip
def test_an_account_that_cannot_be_is_refused_and_not_left_half_made(
    chizheng: Callable[..., Said], typed: list[str], code: int, answer: str | None
) -> None:
    chizheng("migrate")
    said = chizheng(*typed)
    assert (said.code, said.out) == (code, "")
    assert answer is None or said.err == answer
    assert not any(line.startswith("xx ") for line in chizheng("user", "list").out.splitlines())


def test_the_audit_log_is_verified(chizheng: Callable[..., Said]) -> None:
    chizheng("migrate")
    said = chizheng("audit", "verify")
    assert said.code == 0
    assert re.fullmatch(r"审计记录完整，共 [0-9]+ 条\n", said.out)


def test_the_sweep_runs_on_demand(chizheng: Callable[..., Said]) -> None:
    assert chizheng("sweep") == Said(0, "清理完毕，0 项指派离岗\n", chizheng("sweep").err)


def test_units_are_imported_once(chizheng: Callable[..., Said], tmp_path: Path) -> None:
    chizheng("migrate")
    assert chizheng("import", "units", str(DIRECTORY)) == Said(0, "新建单位 0 个\n", "")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("名称,类别,上级单位\n甲镇,公司,武进区\n")
    said = chizheng("import", "units", str(wrong))
    assert (said.code, said.err.startswith("第 2 行：不认识的类别“公司”")) == (1, True)


def test_psql_speaks_to_the_database_as_the_service(chizheng: Callable[..., Said]) -> None:
    said = chizheng("psql", "-XAtc", "SELECT current_user")
    assert (said.code, said.out) == (0, "chizheng\n")
    assert chizheng("psql", "-XAtc", "SELECT nonsense").code == 1


def test_a_roster_is_tried_imported_and_undone(
    chizheng: Callable[..., Said], shared_data: Path, tmp_path: Path
) -> None:
    chizheng("migrate")
    file, report = str(shared_data / "roster-244.xlsx"), tmp_path / "report.xlsx"
    tried = chizheng("import", "roster", file, "--dry-run", "--report", str(report))
    assert (tried.code, tried.out.endswith("试运行，没有写入\n")) == (0, True)
    assert report.read_bytes().startswith(b"PK")
    refused = chizheng("import", "roster", file)
    assert (refused.code, refused.err.splitlines()[-1].startswith("有错误的行，没有写入任何一行")) == (
        1,
        True,
    )
    taken = chizheng("import", "roster", file, "--valid-rows")
    batch = taken.out.split()[-1]
    assert (taken.code, "新增 236 人" in taken.out) == (0, True)
    assert "新增 0 人，变更 0 人，不变 236 人" in chizheng("import", "roster", file, "--valid-rows").out
    assert chizheng("import", "roster", "--undo", batch).code == 0
    assert chizheng("import", "roster", "--undo", batch).code == 1


def test_a_file_that_is_no_workbook_is_refused(chizheng: Callable[..., Said], tmp_path: Path) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(b"%PDF-1.7")
    said = chizheng("import", "roster", str(file))
    assert (said.code, said.err.splitlines()[-1].startswith("这不是 Excel 工作簿")) == (1, True)


def test_a_report_that_cannot_be_written_stops_the_import_before_it_begins(
    chizheng: Callable[..., Said], tmp_path: Path
) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(b"")
    said = chizheng("import", "roster", str(file), "--report", "/no/such/place.xlsx")
    assert (said.code, said.err.splitlines()[0]) == (
        2,
        "参数 --report 用不了：不能写入这个位置：/no/such/place.xlsx",
    )


def test_a_report_does_not_go_over_the_file_it_is_about(
    chizheng: Callable[..., Said], tmp_path: Path
) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(a_workbook(a_row(1)))
    said = chizheng("import", "roster", str(file), "--dry-run", "--report", str(file))
    assert (said.code, said.err.splitlines()[0]) == (2, "命令写法不对：--report 不能写在要导入的文件上")
    assert file.read_bytes() == a_workbook(a_row(1))


def test_a_workbook_that_cannot_be_marked_still_says_what_was_written(
    chizheng: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cannot(_outcome: Outcome) -> bytes:
        raise WorkbookRefused("cannot_mark")

    monkeypatch.setattr(Outcome, "report", cannot)
    chizheng("migrate")
    file, report = tmp_path / "roster.xlsx", tmp_path / "report.xlsx"
    file.write_bytes(a_workbook(a_row(2)))
    said = chizheng("import", "roster", str(file), "--valid-rows", "--report", str(report))
    assert (said.code, "如要撤销" in said.out, "无法在原件上标注" in said.err) == (1, True, True)
    assert not report.exists()


def test_a_file_that_is_far_too_large_is_not_read(chizheng: Callable[..., Said], tmp_path: Path) -> None:
    file = tmp_path / "roster.xlsx"
    with file.open("wb") as hole:
        hole.truncate(40 * 2**30)
    said = chizheng("import", "roster", str(file))
    assert (said.code, "文件超过 20 MiB" in said.err) == (2, True)


@pytest.mark.parametrize("address", ["postgresql://nowhere.invalid/x", "postgresql://127.0.0.1:1/x"])
def test_a_wrong_address_of_the_database_is_one_line(
    chizheng: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("CHIZHENG_DATABASE_URL", address)
    said = chizheng("user", "list")
    assert (said.code, said.err.startswith("数据库连不上或不应答")) == (1, True)


def test_a_bad_setting_is_named(chizheng: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIZHENG_PORT", "eighty")
    said = chizheng("serve")
    assert (said.code, said.err.startswith("设置有误：CHIZHENG_PORT=eighty")) == (1, True)


def test_a_database_that_is_not_there_is_said_in_one_line(
    chizheng: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIZHENG_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    said = chizheng("user", "list")
    assert (said.code, len(said.err.splitlines())) == (1, 1)
    assert said.err.startswith("数据库连不上或不应答")


def test_what_nobody_foresaw_goes_to_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIZHENG_HOME", str(tmp_path))
    assert sentence(ValueError("secret")) == f"出现了没有预料到的错误，详情见 {tmp_path}/log/errors.log"
    assert "ValueError: secret" in (tmp_path / "log/errors.log").read_text()


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "zh-CN"),
        ({"LANG": "C.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_GB", "LC_ALL": "zh_CN"}, "zh-CN"),
        ({"LANG": "zh_CN", "LC_MESSAGES": "en_US"}, "en"),
    ],
)
def test_the_language_follows_the_locale(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


def test_every_option_explains_itself() -> None:
    for name, command in walk(cli):
        options = [param for param in command.params if isinstance(param, click.Option)]
        assert [option.opts for option in options if not option.help] == [], name
