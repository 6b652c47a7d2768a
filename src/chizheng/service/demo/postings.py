"""Invented postings: each kind, and each way a posting stands to today."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from chizheng.service.demo.facts import Posted, years_later
from chizheng.service.demo.people import TOWNS, Person

BUREAU: Final = "综合行政执法局"
SQUADS: Final = ("一中队", "二中队", "三中队")
STATIONS: Final = {  # invented villages
    "湖塘镇": "湖塘镇荷花桥村服务站", "湟里镇": "湟里镇柳荫村服务站", "雪堰镇": "雪堰镇望湖村服务站",
}  # fmt: skip
BORROWERS: Final = ("区委编办", "区司法局", "区应急管理综合行政执法大队")

FATES: Final = {  # how many people; everybody else is simply sent down
    "leadership": 6, "station": 3, "exchange": 4, "borrowed": 4, "ending_soon": 8, "just_ended": 5,
    "ended_without_successor": 2, "moving_on": 4, "starting_soon": 4,
}  # fmt: skip


def days(number: int) -> timedelta:
    return timedelta(days=number)


def bureau_of(town: str) -> str:
    return town + BUREAU


def squad_of(person: Person, town: str) -> str:
    return town + BUREAU + SQUADS[person.squad]


def postings_of(
    person: Person, fate: str | None, post: str, random: Random, today: date
) -> tuple[Posted, ...]:
    """The person's postings, oldest first."""
    began = _first_of_month(today - days(random.randint(120, 1200)))
    if person.town is None:
        return (_at_home(person, began),)
    usual = Posted(
        kind="secondment",
        manager=person.town,
        user=squad_of(person, person.town),
        post=post,
        start=began,
        end=None if random.random() < 0.3 else years_later(began, 5),
        document_no=f"武综执派〔{began.year}〕{random.randint(3, 60)}号",
    )
    return _MAKERS[fate](person, usual, random, today) if fate else (usual,)


def _at_home(person: Person, start: date, end: date | None = None, reason: str = "") -> Posted:
    return Posted("home_duty", person.team, person.team, "enforcement", start, end, reason=reason)


def _another(person: Person, random: Random) -> str:
    return random.choice([town for town in TOWNS if town != person.town])


def _leadership(person: Person, usual: Posted, _random: Random, _today: date) -> tuple[Posted, ...]:
    return (
        _with(usual, kind="leadership", user=bureau_of(usual.manager), reason="任镇综合行政执法局副局长"),
    )


def _station(_person: Person, usual: Posted, _random: Random, _today: date) -> tuple[Posted, ...]:
    return (_with(usual, kind="station", user=STATIONS[usual.manager], reason="驻村级服务站"),)


def _exchange(person: Person, usual: Posted, random: Random, today: date) -> tuple[Posted, ...]:
    town = _another(person, random)
    away = Posted(
        "exchange", town, bureau_of(town), "enforcement", today - days(60), today + days(120),
        f"武组挂〔{today.year}〕{random.randint(2, 9)}号", "跨镇挂职交流，人事关系不变",
    )  # fmt: skip
    return (usual, away)


def _borrowed(_person: Person, usual: Posted, random: Random, today: date) -> tuple[Posted, ...]:
    borrower = random.choice(BORROWERS)
    away = Posted(
        "borrowing", borrower, borrower, "office", today - days(12), today + days(33),
        f"武借〔{today.year}〕{random.randint(2, 30)}号", "专项检查抽调",
    )  # fmt: skip
    return (usual, away)


def _ending_soon(_person: Person, usual: Posted, random: Random, today: date) -> tuple[Posted, ...]:
    return (_with(usual, end=today + days(random.randint(4, 28))),)


def _just_ended(person: Person, usual: Posted, random: Random, today: date) -> tuple[Posted, ...]:
    ended = today - days(random.randint(6, 30))
    return (_with(usual, end=ended), _at_home(person, ended, reason="派驻期满返回"))


def _ended_without_successor(
    _person: Person, usual: Posted, random: Random, today: date
) -> tuple[Posted, ...]:
    return (_with(usual, end=today - days(random.randint(3, 20))),)


def _moving_on(person: Person, usual: Posted, random: Random, today: date) -> tuple[Posted, ...]:
    moves, town = today + days(random.randint(9, 25)), _another(person, random)
    there = _with(usual, manager=town, user=squad_of(person, town), start=moves, end=years_later(moves, 3))
    return (_with(usual, end=moves), there)


def _starting_soon(person: Person, usual: Posted, random: Random, today: date) -> tuple[Posted, ...]:
    starts = today + days(random.randint(5, 26))
    return (_at_home(person, usual.start, starts), _with(usual, start=starts, end=years_later(starts, 3)))


_MAKERS: Final[dict[str, Callable[[Person, Posted, Random, date], tuple[Posted, ...]]]] = {
    "leadership": _leadership, "station": _station, "exchange": _exchange, "borrowed": _borrowed,
    "ending_soon": _ending_soon, "just_ended": _just_ended,
    "ended_without_successor": _ended_without_successor, "moving_on": _moving_on,
    "starting_soon": _starting_soon,
}  # fmt: skip


def _with(posted: Posted, **changes: object) -> Posted:
    return msgspec.structs.replace(posted, **changes)


def _first_of_month(day: date) -> date:
    return day.replace(day=1)
