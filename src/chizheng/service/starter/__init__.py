"""The starter directory: the units of a new installation, so that nobody begins with an empty page."""

from pathlib import Path
from typing import Final

from chizheng.kernel.access import SYSTEM
from chizheng.kernel.db import fetch_value
from personnel.units.directory import fields_by_name, set_up_units
from personnel.units.reading import read_units

DIRECTORY: Final = Path(__file__).parent / "district.csv"


async def start_directory() -> int:
    """Sets up the starter directory where there is no unit at all; returns how many units that made."""
    if await fetch_value("SELECT EXISTS (SELECT FROM unit)"):
        return 0
    units = read_units(DIRECTORY.name, DIRECTORY.read_bytes(), await fields_by_name())
    return await set_up_units(SYSTEM, units)
