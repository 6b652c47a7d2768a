"""Settings come from the environment; a bad one is told in one line."""

import pytest

from chizheng.service.settings import SETTINGS, BadSetting, Settings, read_settings


def test_nothing_set_means_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_all_set() -> None:
    given = {
        "CHIZHENG_DATABASE_URL": "postgresql://somewhere/db",
        "CHIZHENG_HOST": "0.0.0.0",
        "CHIZHENG_PORT": "80",
        "CHIZHENG_WORKERS": "4",
        "CHIZHENG_SESSION_IDLE_MINUTES": "10",
        "CHIZHENG_SESSION_HOURS": "8",
        "CHIZHENG_BEHIND_PROXY": "yes",
        "CHIZHENG_LOG": "WARNING",
    }
    assert read_settings(given) == Settings(
        database_url="postgresql://somewhere/db",
        host="0.0.0.0",
        port=80,
        workers=4,
        session_idle_minutes=10,
        session_hours=8,
        behind_proxy=True,
        log="warning",
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHIZHENG_PORT", "http", "CHIZHENG_PORT=http: expected a whole number from 1 to 65535"),
        ("CHIZHENG_PORT", "0", "CHIZHENG_PORT=0: expected a whole number from 1 to 65535"),
        ("CHIZHENG_BEHIND_PROXY", "maybe", "CHIZHENG_BEHIND_PROXY=maybe: expected 1 or 0"),
        ("CHIZHENG_LOG", "loud", "CHIZHENG_LOG=loud: expected one of debug, info, warning, error"),
        (
            "CHIZHENG_DATABASE_URL",
            "mysql://u:secret@x",
            "CHIZHENG_DATABASE_URL: expected an address that begins with postgresql://",
        ),
        (
            "CHIZHENG_DATABASE_OWNER_URL",
            "postgresql://u:secret@x:port/y",
            "CHIZHENG_DATABASE_OWNER_URL: expected an address of the form postgresql://user@host:port/database"
            " (Port could not be cast to integer value as 'port')",
        ),
        ("CHIZHENG_KEY", "secret", "CHIZHENG_KEY: expected 64 hexadecimal digits"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(BadSetting) as told:
        read_settings({name: value})
    assert str(told.value) == said


def test_every_setting_says_what_it_does() -> None:
    assert [setting.name for setting in SETTINGS if not setting.doc.endswith(".")] == []
