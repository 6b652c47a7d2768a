"""The embedded database under the things that happen to it: kills, neighbours, closed folders, long paths."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from chizheng.kernel.postgres import EmbeddedPostgres, PostgresFailed
from chizheng.kernel.postgres.passage import let_through, may_pass
from chizheng.kernel.postgres.sockets import socket_folder

HOLD = """
import sys
from pathlib import Path
from chizheng.kernel.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
as_ordinary_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


def ask(dsn: str, *statements: str) -> object:
    """Run the statements on one connection; the last one's value."""

    async def answer() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(answer())


def processes_of(home: Path) -> list[str]:
    """Every process of the cluster: the server by its command line, its children by their folder."""
    data, found = str(home / "postgresql" / "data"), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if ("-D" in words and data in words) or os.readlink(process / "cwd") == data:
                found.append(process.name)
        except OSError:
            continue  # gone meanwhile, or another user's
    return found


def server_pid(home: Path) -> int:
    return int((home / "postgresql" / "data" / "postmaster.pid").read_text().split()[0])


def kill_server(home: Path) -> None:
    """Kill it and wait until it is dead: a signal only says that it will be."""
    pid = server_pid(home)
    watch = os.pidfd_open(pid)
    try:
        os.kill(pid, signal.SIGKILL)
        assert select.select([watch], [], [], 30)[0]
    finally:
        os.close(watch)


def hold(home: Path) -> "subprocess.Popen[str]":
    """Another process of the same home, which uses the database until its standard input is closed."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", HOLD, str(home)], stdin=pipe, stdout=pipe, text=True)


def has_started(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def finish(process: "subprocess.Popen[str]") -> int:
    process.communicate()
    return process.returncode


OWNER = "chizheng_owner"
OWNERS = """SELECT d.datdba::regrole::text || ' ' || r.rolsuper::text FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
    WHERE datname = current_database()"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose cluster was made, used and stopped, below a folder closed to others."""
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    server = EmbeddedPostgres(closed / "home")
    with server as dsn:
        ask(server.owner_dsn, "CREATE TABLE note (text text); GRANT ALL ON note TO chizheng", "SELECT 1")
        ask(dsn, "INSERT INTO note VALUES ('kept') RETURNING text")
    return closed / "home"


@pytest.fixture
def home(fresh: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it for one test. Nothing may be left running when the test ends."""
    subprocess.run(["cp", "-a", fresh, tmp_path / "home"], check=True)
    yield tmp_path / "home"
    assert processes_of(tmp_path / "home") == []


def test_a_new_home_gets_a_database_owned_by_an_ordinary_role(fresh: Path) -> None:
    facts = """SELECT ARRAY[current_user::text, current_database()::text, rolsuper::text,
        current_setting('fsync'), current_setting('data_checksums'), current_setting('server_encoding'),
        current_setting('timezone'), current_setting('jit')] FROM pg_roles WHERE rolname = current_user"""
    with EmbeddedPostgres(fresh) as dsn:
        assert ask(dsn, facts) == ["chizheng", "chizheng", "false", "on", "on", "UTF8", "UTC", "off"]


def test_a_server_that_died_is_brought_up_again(home: Path) -> None:
    server = EmbeddedPostgres(home)
    with server as dsn:
        assert server.revive() is False
        kill_server(home)
        assert server.revive() is True
        assert ask(dsn, "SELECT text FROM note") == "kept"


def test_the_service_owns_nothing(home: Path) -> None:
    server = EmbeddedPostgres(home)
    with server as dsn:
        assert ask(server.owner_dsn, "SELECT tableowner FROM pg_tables WHERE tablename = 'note'") == OWNER
        assert ask(server.owner_dsn, OWNERS) == f"{OWNER} false"
        for forbidden in (
            "ALTER TABLE note DISABLE TRIGGER ALL",
            "CREATE TABLE mine ()",
            f"SET ROLE {OWNER}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                ask(dsn, forbidden, "SELECT 1")


def test_a_home_whose_service_owned_its_tables_hands_them_over(home: Path) -> None:
    server = EmbeddedPostgres(home)
    with server:
        back = (
            "ALTER DATABASE chizheng OWNER TO chizheng; GRANT CONNECT ON DATABASE chizheng TO PUBLIC;"
            f" REASSIGN OWNED BY {OWNER} TO chizheng; DROP ROLE {OWNER}"
        )
        ask(server.admin_dsn, back, "SELECT 1")
    identities = home / "postgresql" / "data" / "pg_ident.conf"
    lines = [line for line in identities.read_text().splitlines() if OWNER not in line]
    for _start in ("handed over", "and again after a kill before it was noted"):
        identities.write_text("\n".join(lines) + "\n")
        with server as dsn:
            assert ask(server.owner_dsn, OWNERS) == f"{OWNER} false"
            assert ask(server.owner_dsn, "SELECT text FROM note") == "kept"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                ask(dsn, "ALTER TABLE note DISABLE TRIGGER ALL", "SELECT 1")


def test_the_owner_creates_the_extensions_that_search_chinese_and_accented_text(home: Path) -> None:
    create = "CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gist"
    server = EmbeddedPostgres(home)
    with server as dsn:
        assert ask(server.owner_dsn, create, "SELECT similarity('行政执法证', '行政执法')") == pytest.approx(
            4 / 7
        )
        assert ask(dsn, "SELECT 'ÉMILE' ILIKE 'émi%' AND lower('ÄΣ') = 'äσ'") is True


def test_data_is_there_at_the_next_start(home: Path) -> None:
    with EmbeddedPostgres(home) as dsn:
        assert ask(dsn, "SELECT text FROM note") == "kept"


def test_the_superuser_has_an_address_of_its_own(home: Path) -> None:
    server = EmbeddedPostgres(home)
    with server:
        assert ask(server.admin_dsn, "SELECT current_setting('is_superuser')") == "on"


def test_nothing_listens_on_the_network(home: Path) -> None:
    with EmbeddedPostgres(home) as dsn:
        assert ask(dsn, "SHOW listen_addresses") == ""
    log = (home / "log" / "postgresql.log").read_text()
    listened = {line.split("listening on ")[1] for line in log.splitlines() if "listening on " in line}
    assert all(place.startswith("Unix socket ") for place in listened)
    assert listened


def test_folders_of_the_database_are_closed_to_other_users(home: Path) -> None:
    with EmbeddedPostgres(home):
        room = home / "postgresql"
        open_bits = {f.name: f.stat().st_mode & 0o077 for f in (room / "data", socket_folder(room))}
        assert open_bits == {"data": 0, socket_folder(room).name: 0}
        assert [folder.stat().st_mode & 0o067 for folder in (room, home, home.parent)] == [0, 0, 0]


def test_stopping_twice_and_starting_twice_do_no_harm(home: Path) -> None:
    server = EmbeddedPostgres(home)
    assert server.start() == server.start()
    server.stop()
    server.stop()
    assert processes_of(home) == []


def test_committed_data_survives_a_killed_server(home: Path) -> None:
    server = EmbeddedPostgres(home)
    ask(server.start(), "INSERT INTO note VALUES ('committed') RETURNING text")
    kill_server(home)
    server.stop()
    with EmbeddedPostgres(home) as dsn:
        assert ask(dsn, "SELECT string_agg(text, ' ' ORDER BY text) FROM note") == "committed kept"


def test_a_server_whose_service_was_killed_is_taken_over_and_stopped(home: Path) -> None:
    service = hold(home)
    dsn = has_started(service)
    orphan = server_pid(home)
    service.kill()
    finish(service)
    with EmbeddedPostgres(home) as adopted:
        assert (adopted, server_pid(home)) == (dsn, orphan)
        assert ask(adopted, "SELECT text FROM note") == "kept"
    assert processes_of(home) == []


def test_a_stale_pid_file_naming_a_foreign_process_is_no_obstacle(home: Path, foreigner: int) -> None:
    data = home / "postgresql" / "data"
    (data / "postmaster.pid").write_text(
        f"{foreigner}\n{data}\n1700000000\n5432\n/nowhere\n\n  1234567  0\nready\n"
    )
    os.chown(data / "postmaster.pid", data.stat().st_uid, data.stat().st_gid)
    with EmbeddedPostgres(home) as dsn:
        assert ask(dsn, "SELECT text FROM note") == "kept"
    os.kill(foreigner, 0)


def test_a_half_written_pid_file_is_no_obstacle(home: Path, foreigner: int) -> None:
    data = home / "postgresql" / "data"
    (data / "postmaster.pid").write_text(f"{foreigner}")
    with EmbeddedPostgres(home) as dsn:
        assert ask(dsn, "SELECT text FROM note") == "kept"


@pytest.fixture
def foreigner(home: Path) -> Iterator[int]:
    """A living process of the user that runs the server, and no server."""
    owner = (home / "postgresql" / "data").stat()
    switch = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, **switch) as process:  # type: ignore[call-overload]
        yield process.pid


def test_a_copied_home_gets_a_server_of_its_own_while_the_original_runs(home: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(home) as original:
        subprocess.run(["cp", "-a", home, tmp_path / "copy"], check=True)
        ask(original, "INSERT INTO note VALUES ('original') RETURNING text")
        with EmbeddedPostgres(tmp_path / "copy") as copy:
            assert ask(copy, "SELECT string_agg(text, ' ') FROM note") == "kept"
    assert processes_of(tmp_path / "copy") == []


def test_files_in_use_by_a_server_out_of_sight_are_left_alone(home: Path, foreigner: int) -> None:
    with EmbeddedPostgres(home) as dsn:
        note = home / "postgresql" / "data" / "postmaster.pid"
        written = note.read_text()
        note.write_text(written.replace(str(server_pid(home)), str(foreigner), 1))
        with pytest.raises(PostgresFailed) as refused:
            EmbeddedPostgres(home).start()
        note.write_text(written)
        assert ask(dsn, "SELECT text FROM note") == "kept"
    assert refused.value.remedy == "请先停止那边的服务。"


def test_two_first_starts_at_once_make_one_cluster_and_share_one_server(tmp_path: Path) -> None:
    pair = [hold(tmp_path / "home") for _ in range(2)]
    assert len({has_started(process) for process in pair}) == 1
    assert [finish(process) for process in pair] == [0, 0]
    left = {path.name for path in (tmp_path / "home" / "postgresql").iterdir()} - {
        "run"
    }  # elsewhere if the path is long
    assert (left, processes_of(tmp_path / "home")) == ({"data", "holders", "start.lock"}, [])


def test_the_last_to_leave_stops_the_server(home: Path) -> None:
    other = hold(home)
    has_started(other)
    with EmbeddedPostgres(home) as dsn:
        assert finish(other) == 0
        assert ask(dsn, "SELECT text FROM note") == "kept"
    assert processes_of(home) == []


def test_the_one_that_started_the_server_may_leave_first(home: Path) -> None:
    first = EmbeddedPostgres(home)
    first.start()
    other = hold(home)
    dsn = has_started(other)
    first.stop()
    assert ask(dsn, "SELECT text FROM note") == "kept"
    assert finish(other) == 0


def test_interrupting_the_terminal_does_not_reach_the_server(home: Path) -> None:
    with EmbeddedPostgres(home):
        assert os.getsid(server_pid(home)) == server_pid(home)


def test_a_home_with_a_long_path_uses_a_short_private_socket_folder(fresh: Path, tmp_path: Path) -> None:
    long = tmp_path / ("long" * 30) / "home"
    long.parent.mkdir(mode=0o700)
    subprocess.run(["cp", "-a", fresh, long], check=True)
    folder = socket_folder(long / "postgresql")
    with EmbeddedPostgres(long) as dsn:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert ask(dsn, "SELECT text FROM note") == "kept"
    assert (folder.exists(), processes_of(long)) == (False, [])


def test_a_link_planted_at_the_short_socket_folder_is_refused(fresh: Path, tmp_path: Path) -> None:
    long = tmp_path / ("long" * 30) / "home"
    folder = socket_folder(long / "postgresql")
    long.parent.mkdir(mode=0o700)
    subprocess.run(["cp", "-a", fresh, long], check=True)
    folder.symlink_to(tmp_path)
    try:
        with pytest.raises(PostgresFailed) as refused:
            EmbeddedPostgres(long).start()
    finally:
        folder.unlink()
    assert refused.value.problem == f"{folder} 已存在，但不是数据库专用的私有目录。"


def test_a_cluster_of_another_major_version_is_left_alone(home: Path) -> None:
    (home / "postgresql" / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresFailed) as refused:
        EmbeddedPostgres(home).start()
    assert refused.value.problem == "数据库由 PostgreSQL 15 建立，当前程序为 PostgreSQL 18。"


def test_a_failed_start_shows_what_postgresql_wrote_and_leaves_no_hold(home: Path) -> None:
    (home / "postgresql" / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    server = EmbeddedPostgres(home)
    with pytest.raises(PostgresFailed) as failed:
        server.start()
    assert failed.value.problem == "数据库未能启动。"
    assert 'unrecognized configuration parameter "no_such_setting"' in failed.value.log


def test_rubbish_of_a_killed_first_start_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "postgresql" / "data.new-killed" / "base").mkdir(parents=True)
    with EmbeddedPostgres(tmp_path) as dsn:
        assert ask(dsn, "SELECT 1") == 1
    assert not (tmp_path / "postgresql" / "data.new-killed").exists()


def test_a_long_log_is_set_aside_at_the_next_start(home: Path) -> None:
    log = home / "log" / "postgresql.log"
    log.write_bytes(b"old\n" * 3_000_000)
    with EmbeddedPostgres(home):
        assert (log.with_suffix(".log.1").stat().st_size, log.stat().st_size < 10_000) == (12_000_000, True)


@as_root
def test_root_starts_the_database_as_a_user_without_rights(home: Path) -> None:
    with EmbeddedPostgres(home):
        assert (
            Path(f"/proc/{server_pid(home)}").stat().st_uid == (home / "postgresql/data").stat().st_uid != 0
        )


@as_root
def test_passage_lets_one_user_traverse_and_nobody_else(tmp_path: Path) -> None:
    walker, stranger = 64_001, 64_002
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(mode=0o700, parents=True)
    inner.parent.chmod(0o700)
    (inner / "secret").write_text("")

    changed = let_through(inner / "secret", walker, frozenset({walker}))

    assert {inner, inner.parent} <= set(changed)
    assert [may_pass(inner, user, frozenset({user})) for user in (walker, stranger)] == [True, False]
    assert let_through(inner / "secret", walker, frozenset({walker})) == ()
    assert [attempt(walker, *command) for command in (("cd", inner), ("ls", inner))] == [True, False]
    assert [attempt(stranger, *command) for command in (("cd", inner), ("ls", inner))] == [False, False]


@as_root
def test_passage_keeps_what_groups_had(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o750)
    os.chown(tmp_path / "shared", 0, 64_003)
    let_through(tmp_path / "shared" / "file", 64_001, frozenset({64_001}))
    assert may_pass(tmp_path / "shared", 64_004, frozenset({64_003}))
    assert not may_pass(tmp_path / "shared", 64_004, frozenset({64_004}))


def attempt(uid: int, verb: str, folder: Path) -> bool:
    """Whether the kernel lets this user enter or list the folder."""
    command = ["/bin/sh", "-c", f'{verb} "$0"', str(folder)]
    done = subprocess.run(command, user=uid, group=uid, extra_groups=[], cwd="/", capture_output=True)
    return done.returncode == 0


@as_ordinary_user
def test_a_home_that_cannot_be_made_is_a_clear_failure(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PostgresFailed):
        EmbeddedPostgres(tmp_path / "home").start()
