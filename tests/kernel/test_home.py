"""The installation's folder: found by one setting, closed to others."""

import stat
from pathlib import Path

import pytest

from chizheng.kernel.home import data_home, ensure_home


def modes(home: Path) -> dict[str, int]:
    return {folder.name: stat.S_IMODE(folder.stat().st_mode) for folder in sorted(home.iterdir())}


def test_the_setting_names_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHIZHENG_HOME", str(tmp_path / "here"))
    assert data_home() == tmp_path / "here"


def test_without_the_setting_the_home_is_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHIZHENG_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_home() == tmp_path / "chizheng"


def test_a_new_home_is_closed_to_other_users(tmp_path: Path) -> None:
    home = ensure_home(tmp_path / "deep" / "home")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert modes(home) == {"keys": 0o700, "log": 0o700, "postgresql": 0o700}


def test_an_existing_home_keeps_its_own_permissions_but_the_keys_are_closed(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys").chmod(0o755)
    tmp_path.chmod(0o755)
    ensure_home(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert modes(tmp_path) == {"keys": 0o700, "log": 0o700, "postgresql": 0o700}
