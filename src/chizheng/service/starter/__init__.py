"""The directory of units a new installation begins with, and how such a directory is read and set up."""

from chizheng.service.starter.actions import set_up_units, start_directory
from chizheng.service.starter.reading import NewUnit, read_units

__all__ = ["NewUnit", "read_units", "set_up_units", "start_directory"]
