"""Settings, all from the environment. `docs/settings.md` is checked against `SETTINGS`."""

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from chizheng.clearance.cases.rules import NUMBER_FORM


class BadSetting(ValueError):
    """A setting cannot be used; the message is one line that names it, its value and what is wanted."""


class Setting(NamedTuple):
    """One environment variable: its value when unset, how it is read, what it does."""

    name: str
    default: str
    read: Callable[[str], Any]
    doc: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the service runs with."""

    database_url: str = ""
    database_owner_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 1
    session_idle_minutes: int = 30
    session_hours: int = 12
    behind_proxy: bool = False
    log: str = "info"
    pool_size: int = 10


def _text(value: str) -> str:
    return value


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return read


def _switch(value: str) -> bool:
    if value.lower() not in ("0", "1", "no", "yes", "false", "true"):
        raise ValueError("1 or 0")
    return value.lower() in ("1", "yes", "true")


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return value.lower()

    return read


def _database(value: str) -> str:
    if not value:
        return value
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("an address that begins with postgresql://")
    try:
        urlsplit(value).port  # noqa: B018  # its host and port are read here as they are when it is used
    except ValueError as error:
        raise ValueError(f"an address of the form postgresql://user@host:port/database ({error})") from None
    return value


def _key(value: str) -> str:
    if value and (len(value) != 64 or not set(value.lower()) <= set("0123456789abcdef")):
        raise ValueError("64 hexadecimal digits")
    return value


def _case_number(value: str) -> str:
    if "{serial}" not in value or len(value) > 60:
        raise ValueError("a form with {serial}, and if wanted {district}, {town} and {year}")
    return value


SETTINGS = (
    Setting("CHIZHENG_HOME", "", _text, "Folder of the data, keys and logs; unset: the user's data folder."),
    Setting(
        "CHIZHENG_DATABASE_URL",
        "",
        _database,
        "An outside PostgreSQL (15 or newer), as the service; unset: the embedded one.",
    ),
    Setting(
        "CHIZHENG_DATABASE_OWNER_URL",
        "",
        _database,
        "The same database as the owner of its tables, who brings it up to date; unset: the service owns them.",
    ),
    Setting("CHIZHENG_HOST", "127.0.0.1", _text, "Address to listen on."),
    Setting("CHIZHENG_PORT", "8765", _number(1, 65535), "Port to listen on."),
    Setting("CHIZHENG_WORKERS", "1", _number(1, 64), "Worker processes."),
    Setting("CHIZHENG_SESSION_IDLE_MINUTES", "30", _number(1, 1440), "A session unused for so long ends."),
    Setting("CHIZHENG_SESSION_HOURS", "12", _number(1, 168), "A session ends after so long, used or not."),
    Setting(
        "CHIZHENG_BEHIND_PROXY",
        "0",
        _switch,
        "1 when a reverse proxy that speaks HTTPS stands in front: X-Forwarded-For and -Proto are believed,"
        " cookies are sent over HTTPS only.",
    ),
    Setting(
        "CHIZHENG_KEY",
        "",
        _key,
        "The master key (64 hexadecimal digits), when several machines share a database; unset: kept in the home.",
    ),
    Setting(
        "CHIZHENG_CASE_NUMBER",
        NUMBER_FORM,
        _case_number,
        "How case numbers are written; {district} is its first character, {town} the town without its kind.",
    ),
    Setting("CHIZHENG_LOG", "info", _one_of("debug", "info", "warning", "error"), "How much is logged."),
)

# read by kernel.home, kernel.keys and clearance.cases.rules, checked here
_SECRET = ("CHIZHENG_KEY", "CHIZHENG_DATABASE_URL", "CHIZHENG_DATABASE_OWNER_URL")  # may hold a password
_HELD_ELSEWHERE = ("CHIZHENG_HOME", "CHIZHENG_KEY", "CHIZHENG_CASE_NUMBER")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises BadSetting for the first one that cannot be used."""
    given = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = given.get(setting.name, "").strip() or setting.default
        try:
            value = setting.read(text)
        except ValueError as error:
            shown = "" if setting.name in _SECRET else f"={text}"
            raise BadSetting(f"{setting.name}{shown}: expected {error}") from None
        if setting.name not in _HELD_ELSEWHERE:
            values[setting.name.removeprefix("CHIZHENG_").lower()] = value
    return Settings(**values)
