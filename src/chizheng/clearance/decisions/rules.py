"""Decisions of the gate: what a list of them may show."""

from enum import StrEnum


class Result(StrEnum):
    """Which answers to list."""

    REFUSED = "refused"
    ALLOWED = "allowed"
    ALL = "all"
