"""What the reader of a roster must know of the district, as a plain value: the caller loads it from the database."""

from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

TOWN_SUFFIXES: Final = ("镇", "街道", "乡", "开发区", "街道办事处", "镇人民政府")
BUREAU: Final = "综合行政执法局"


class KnownUnit(msgspec.Struct, frozen=True):
    """A unit the district has. `kind` as in the unit table (town, team, bureau, squad …)."""

    id: UUID
    name: str
    kind: str
    parent: UUID | None = None
    aliases: tuple[str, ...] = ()


class Directory(msgspec.Struct, frozen=True):
    """The district: its units, its fields by Chinese name, who is known already and who holds which certificate.
    People stand here by the blind index of their identity number; `blind` makes it.
    """

    units: tuple[KnownUnit, ...]
    fields: Mapping[str, str]
    blind: Callable[[str], bytes]
    people: frozenset[bytes] = frozenset()
    certificates: Mapping[str, bytes] = {}
    today: date = date.max


class How(StrEnum):
    """How a name led to its unit."""

    NAME = "name"
    ALIAS = "alias"


class UnitFinder:
    """Finds units by name, by alias, and by the short forms of a town. Never by likeness: that is only offered."""

    def __init__(self, units: tuple[KnownUnit, ...]) -> None:
        self.by_id = {unit.id: unit for unit in units}
        self.by_name = {unit.name: unit for unit in units}
        self.by_alias = {alias: unit for unit in units for alias in unit.aliases}
        self.towns = [unit for unit in units if unit.kind == "town"]
        self.children: dict[UUID, list[KnownUnit]] = {}
        for unit in units:
            if unit.parent is not None:
                self.children.setdefault(unit.parent, []).append(unit)
        self.close: dict[tuple[str, bool], tuple[str, ...]] = {}

    def find(self, name: str) -> tuple[KnownUnit, How] | None:
        """The unit of exactly this name or alias."""
        if name in self.by_name:
            return self.by_name[name], How.NAME
        if name in self.by_alias:
            return self.by_alias[name], How.ALIAS
        return None

    def find_town(self, name: str) -> tuple[KnownUnit, How] | None:
        """The managing unit; 湟里 is 湟里镇 when the district has no other unit that it could be short for."""
        found = self.find(name)
        if found or not name:
            return found
        meant = [town for town in self.towns if town.name in {name + suffix for suffix in TOWN_SUFFIXES}]
        return (meant[0], How.ALIAS) if len(meant) == 1 else None

    def find_user(self, name: str, town: KnownUnit | None) -> tuple[KnownUnit, How] | None:
        """The using unit; inside a known town also by the town's alias or by the last part of its name (二中队)."""
        found = self.find(name)
        if found or not town:
            return found
        for short in (*town.aliases, *_shortened(town.name)):
            if name.startswith(short) and town.name + name.removeprefix(short) in self.by_name:
                return self.by_name[town.name + name.removeprefix(short)], How.ALIAS
        inside = [
            unit for unit in self.below(town) if unit.name in (town.name + name, town.name + BUREAU + name)
        ]
        return (inside[0], How.ALIAS) if len(inside) == 1 else None

    def below(self, unit: KnownUnit) -> list[KnownUnit]:
        """Every unit under this one."""
        found: list[KnownUnit] = []
        waiting = list(self.children.get(unit.id, ()))
        while waiting:
            child = waiting.pop()
            found.append(child)
            waiting.extend(self.children.get(child.id, ()))
        return found

    def is_within(self, unit: KnownUnit, ancestor: KnownUnit) -> bool:
        """Whether the unit is the ancestor or lies under it."""
        current: KnownUnit | None = unit
        for _step in range(len(self.by_id)):
            if current is None or current.id == ancestor.id:
                break
            current = self.by_id.get(current.parent) if current.parent else None
        return current is not None and current.id == ancestor.id

    def similar(self, name: str, *, towns: bool) -> tuple[str, ...]:
        """Known names that look like this one, best first, for the error's sentence."""
        key = (name, towns)
        if key not in self.close:
            names = [town.name for town in self.towns] if towns else list(self.by_name)
            self.close[key] = tuple(get_close_matches(name[:60], names, n=3, cutoff=0.5))
        return self.close[key]


def _shortened(name: str) -> list[str]:
    return [name.removesuffix(suffix) for suffix in TOWN_SUFFIXES if name.endswith(suffix) and name != suffix]
