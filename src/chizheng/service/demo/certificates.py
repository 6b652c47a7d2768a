"""Invented certificates, one way of standing each."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Final

from chizheng.service.demo.facts import Certified, Event, years_later
from chizheng.service.demo.people import TEAMS, TOWNS, Person

TERM: Final = 5
"""Years."""

FATES: Final = {  # how many people; everybody else in establishment holds a valid one
    "none": 20, "not_started": 4, "expiring_in_7_days": 3, "expiring_in_30_days": 6, "expiring_in_90_days": 10,
    "expired": 7, "suspended": 3, "suspension_due": 2, "suspension_overdue": 1, "suspended_ahead": 1,
    "reinstated": 2, "revoked": 2, "cancelled": 3, "lost": 3, "reissued": 2, "renewed": 12, "other_field": 3,
    "other_area": 2, "own_town_only": 6,
}  # fmt: skip

Made = tuple[Certified, ...]


def certificates_of(person: Person, fate: str | None, random: Random, today: date) -> Made:
    """The person's certificates, oldest first."""
    start = today - timedelta(days=random.randint(130, 1500))
    usual = Certified(_fields(person, random), start, years_later(start, TERM), (_issue(start),))
    return _MAKERS[fate](person, usual, random, today) if fate else (usual,)


def _fields(person: Person, random: Random) -> tuple[str, ...]:
    """One speciality, and for many others besides (一专多能)."""
    others = [field for field, _count in TEAMS.values() if field != person.field]
    chance = random.random()
    return (person.field, *random.sample(others, 0 if chance < 0.5 else 1 if chance < 0.85 else 2))


def _issue(day: date) -> Event:
    return Event("issue", day)


def _ending(certificate: Certified, end: date) -> Made:
    start = years_later(end, -TERM)
    return (Certified(certificate.fields, start, end, (_issue(start),)),)


def _with(certificate: Certified, *events: Event) -> Made:
    return (
        Certified(certificate.fields, certificate.start, certificate.end, (*certificate.events, *events)),
    )


def _none(_person: Person, _usual: Certified, _random: Random, _today: date) -> Made:
    return ()


def _not_started(_person: Person, usual: Certified, random: Random, today: date) -> Made:
    start = today + timedelta(days=random.randint(4, 24))
    return (Certified(usual.fields, start, years_later(start, TERM), (_issue(start),)),)


def _expiring(soonest: int, latest: int) -> Callable[[Person, Certified, Random, date], Made]:
    def make(_person: Person, usual: Certified, random: Random, today: date) -> Made:
        return _ending(usual, today + timedelta(days=random.randint(soonest, latest)))

    return make


def _suspended(since: int, due: int) -> Callable[[Person, Certified, Random, date], Made]:
    def make(_person: Person, usual: Certified, _random: Random, today: date) -> Made:
        return _with(
            usual,
            Event(
                "suspend",
                today + timedelta(days=since),
                due_on=today + timedelta(days=due),
                reason="案卷评查发现调查取证程序不规范，暂扣期间参加培训",
                document_no=f"武司执监〔{today.year}〕{40 + abs(since) % 10}号",
            ),
        )

    return make


def _reinstated(_person: Person, usual: Certified, _random: Random, today: date) -> Made:
    back = today - timedelta(days=15)
    suspended = Event("suspend", back - timedelta(days=60), back, back, "未按规定出示证件，暂扣期间参加培训")
    return _with(usual, suspended, Event("reinstate", back, reason="培训考核合格"))


def _revoked(_person: Person, usual: Certified, _random: Random, today: date) -> Made:
    return _with(usual, Event("revoke", today - timedelta(days=75), reason="转借证件并造成后果"))


def _cancelled(_person: Person, usual: Certified, _random: Random, today: date) -> Made:
    return _with(usual, Event("cancel", today - timedelta(days=48), reason="调离执法岗位，证件已交回"))


def _lost(_person: Person, usual: Certified, _random: Random, today: date) -> Made:
    return _with(
        usual, Event("report_lost", today - timedelta(days=9), reason="外出检查途中遗失，已登报声明")
    )


def _reissued(_person: Person, usual: Certified, _random: Random, today: date) -> Made:
    again = today - timedelta(days=33)
    lost = Event("report_lost", again - timedelta(days=12), again, reason="遗失")
    return _with(usual, lost, Event("reissue", again, reason="补发"))


def _renewed(_person: Person, usual: Certified, random: Random, today: date) -> Made:
    changed = today - timedelta(days=random.randint(30, 300))
    (old,) = _ending(usual, changed)
    new = Certified(usual.fields, changed, years_later(changed, TERM), (_issue(changed),))
    return (old, new)


def _other_field(person: Person, usual: Certified, _random: Random, _today: date) -> Made:
    other = next(field for field, _count in TEAMS.values() if field != person.field)
    return (Certified((other,), usual.start, usual.end, usual.events),)


def _other_area(person: Person, usual: Certified, _random: Random, _today: date) -> Made:
    other = next(town for town in reversed(TOWNS) if town != person.town)
    return (Certified(usual.fields, usual.start, usual.end, usual.events, other),)


def _own_town_only(person: Person, usual: Certified, _random: Random, _today: date) -> Made:
    return (Certified(usual.fields, usual.start, usual.end, usual.events, person.town),)


_MAKERS: Final[dict[str, Callable[[Person, Certified, Random, date], Made]]] = {
    "none": _none, "not_started": _not_started, "expiring_in_7_days": _expiring(2, 7),
    "expiring_in_30_days": _expiring(9, 30), "expiring_in_90_days": _expiring(35, 90),
    "expired": _expiring(-90, -2), "suspended": _suspended(-20, 40), "suspension_due": _suspended(-58, 3),
    "suspension_overdue": _suspended(-96, -6), "suspended_ahead": _suspended(6, 66), "reinstated": _reinstated,
    "revoked": _revoked, "cancelled": _cancelled, "lost": _lost, "reissued": _reissued, "renewed": _renewed,
    "other_field": _other_field, "other_area": _other_area, "own_town_only": _own_town_only,
}  # fmt: skip
