"""Drawn histories of people, and their way into the database.

A history is drawn as plain records of the oracle; `load` writes the same records with plain SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from hypothesis import strategies as st

from chizheng.kernel.ids import new_id
from tests.clearance import oracle
from tests.clearance.oracle import Facts

T = TypeVar("T")

NEW_YEAR = date(2024, 1, 1)  # of a leap year: 29 February is day 59
OFFSETS = [-400, -181, -31, -2, -1, 0, 1, 2, 28, 30, 31, 57, 58, 59, 60, 61, 89, 90, 91, 120, 150, 151, 200, 300,
           364, 365, 366, 367, 399, 400, 401, 500]  # fmt: skip
DAYS = [NEW_YEAR + timedelta(days=n) for n in OFFSETS]
LENGTHS = [1, 1, 2, 3, 7, 29, 30, 31, 59, 60, 61, 90, 91, 120, 200, 364, 365, 366, 400]
FIELDS = ["market", "market", "market", "city", "transport"]
ROLES = ["lead", "co_handler", "legal_reviewer", "hearing_chair", "observer", "lead", "lead", "stranger"]
VERBS = [
    "suspend",
    "revoke",
    "cancel",
    "report_lost",
    "suspend",
    "report_lost",
    "issue",
    "reinstate",
    "reissue",
    "renew",
]
STATUSES = ["active", "active", "active", "suspended", "left", "retired", "dismissed"]
TYPES = ["enforcement", "administrative", "institution", "civil_service_managed",
         "contract", "dispatched", "worker", "temporary", "auxiliary"]  # fmt: skip
USERS = [
    "bureau",
    "bureau",
    "squad",
    "other_squad",
    "station",
    "neighbour",
    "neighbour_squad",
    "team",
    "abroad",
]
AREAS = ["district", "district", "town", "bureau", "squad", "neighbour_town", "abroad_district"]
ASKED = ["bureau", "bureau", "squad", "station", "neighbour", "neighbour_squad", "town", "abroad"]

TREE = [
    ("district", "district", None), ("team", "team", "district"), ("town", "town", "district"),
    ("bureau", "bureau", "town"), ("squad", "squad", "bureau"), ("other_squad", "squad", "bureau"),
    ("station", "station", "squad"), ("neighbour_town", "town", "district"), ("neighbour", "bureau", "neighbour_town"),
    ("neighbour_squad", "squad", "neighbour"), ("abroad_district", "district", None), ("abroad", "bureau", "abroad_district"),
]  # fmt: skip
ALWAYS = (date(2020, 1, 1), None)
UNITS = {name: new_id() for name, _, _ in TREE}
PARENTS = {UNITS[name]: UNITS[parent] if parent else None for name, _, parent in TREE}


@dataclass
class Question:
    """What is asked of the gate and of the oracle alike."""

    role: str
    field: str
    unit: UUID
    start: date
    end: date


@dataclass
class History:
    """One person, what is and was known of them, and what is asked about them."""

    officer: UUID
    facts: Facts
    question: Question


class Tape:
    """Choices read off drawn bytes, one byte each: a hundred draws of Hypothesis for the price of one."""

    def __init__(self, drawn: bytes) -> None:
        self._drawn = iter(drawn)

    def pick(self, options: Sequence[T]) -> T:
        return options[next(self._drawn, 0) % len(options)]

    def one_in(self, n: int) -> bool:
        return self.pick(range(n)) == 0

    def span(self) -> tuple[date, date | None]:
        since = self.pick(DAYS)
        return since, None if self.one_in(4) else since + timedelta(days=self.pick(LENGTHS))

    def stretches(self, values: Sequence[str]) -> list[tuple[date, date | None, str]]:
        """Up to three that do not overlap: back to back or with gaps between, the last one open or not."""
        days = sorted({self.pick(DAYS) for _ in range(self.pick([1, 2, 3, 4]))})
        ends = [*days[1:], None]
        drawn = [(a, b, self.pick(values)) for a, b in zip(days, ends, strict=True) if not self.one_in(4)]
        return [(a, b, value) for a, b, value in drawn if b is not None or not self.one_in(3)]


def history_of(drawn: bytes) -> History:
    """Half the time a kind of fact is plainly in order, so that the others can matter."""
    tape = Tape(drawn)
    officer, facts = new_id(), Facts(parents=PARENTS)
    start = tape.pick(DAYS)
    until = start + timedelta(days=tape.pick(LENGTHS))
    question = Question(tape.pick(ROLES), tape.pick(FIELDS), UNITS[tape.pick(ASKED)], start, until)
    _certify(tape, facts, officer)
    for gone in (False, True):
        _place(tape, facts, officer, gone)
    return History(officer, facts, question)


histories = st.binary(min_size=90, max_size=90).map(history_of)


def _place(tape: Tape, facts: Facts, officer: UUID, gone: bool) -> None:
    """Service, establishment, postings and qualification: as they stand, or as they were once recorded."""
    if gone and tape.one_in(2):
        return
    core = {"officer": officer, "superseded": gone}
    users = tape.stretches(USERS) if gone or tape.one_in(2) else [(*ALWAYS, "bureau")]
    for since, until, user in users:
        facts.postings.append(
            oracle.Posting(**core, since=since, until=until, kind="secondment", user=UNITS[user])
        )
    for kind in ("borrowing", "exchange"):
        if tape.one_in(4):
            since, until = tape.span()
            away = UNITS[tape.pick(USERS)]
            facts.postings.append(oracle.Posting(**core, since=since, until=until, kind=kind, user=away))
    statuses = tape.stretches(STATUSES) if gone or tape.one_in(2) else [(*ALWAYS, "active")]
    for since, until, status in statuses:
        facts.services.append(oracle.Service(**core, since=since, until=until, status=status))
    types = tape.stretches(TYPES) if gone or tape.one_in(2) else [(*ALWAYS, "enforcement")]
    for since, until, kind in types:
        facts.establishments.append(oracle.Establishment(**core, since=since, until=until, type=kind))
    if tape.one_in(2):
        since, until = tape.span()
        facts.qualifications.append(oracle.LegalQualification(**core, since=since, until=until))


def _certify(tape: Tape, facts: Facts, officer: UUID) -> None:
    """Up to four certificates, some in an earlier version of the same series, and what happened to them."""
    starts = {tape.pick(DAYS) for _ in range(tape.pick([0, 0, 1, 1, 2, 3]))}
    if tape.one_in(2):
        facts.certificates.append(oracle.Certificate(
            officer=officer, since=ALWAYS[0], until=date(2040, 1, 1), series=new_id(), fields=("market", "city"),
            area=UNITS["district"],
        ))  # fmt: skip
    for since in sorted(starts):
        _certificate(tape, facts, officer, new_id(), since, since + timedelta(days=tape.pick(LENGTHS)))
    for certificate in list(facts.certificates):
        if tape.one_in(4):
            since = certificate.since + timedelta(days=tape.pick([0, 1, -30]))
            _certificate(
                tape, facts, officer, certificate.series, since, since + timedelta(days=700), superseded=True
            )
    if tape.one_in(6):
        _certificate(tape, facts, officer, new_id(), NEW_YEAR, date(2040, 1, 1), superseded=True)
    for _ in range(tape.pick([0, 0, 1, 1, 2, 3]) if facts.certificates else 0):
        since, until = tape.span()
        facts.events.append(oracle.Event(
            officer=officer, since=since, until=until, superseded=tape.one_in(5), verb=tape.pick(VERBS),
            certificate=tape.pick(facts.certificates).series,
        ))  # fmt: skip


def _certificate(
    tape: Tape, facts: Facts, officer: UUID, series: UUID, since: date, until: date, superseded: bool = False
) -> None:
    if superseded and any(other.superseded and other.since == since for other in facts.certificates):
        return  # two standing versions that begin together are refused, and these once stood
    facts.certificates.append(oracle.Certificate(
        officer=officer, since=since, until=until, superseded=superseded, series=series,
        fields=tuple({tape.pick(FIELDS), tape.pick(FIELDS)}), area=UNITS[tape.pick(AREAS)],
    ))  # fmt: skip


async def load(connection: asyncpg.Connection, people: Sequence[History]) -> None:
    """Writes the people with all their versions: first those that are superseded by now, then those that stand."""
    whole = Facts()
    for name in TABLES:
        for person in people:
            getattr(whole, name).extend(getattr(person.facts, name))
    officers = [person.officer for person in people]
    await connection.execute(
        "INSERT INTO officer (id, name, pinyin, initials) SELECT id, '某', '', '' FROM unnest($1::uuid[]) AS id",
        officers,
    )
    for name, (table, columns) in TABLES.items():
        records = getattr(whole, name)
        await _insert(connection, table, columns, [record for record in records if record.superseded])
        await connection.execute(
            f"UPDATE {table} SET superseded_at = now() WHERE officer = ANY ($1)", officers
        )
        await _insert(connection, table, columns, [record for record in records if not record.superseded])


# attribute -> (column, its type, how it is written)
TABLES: dict[str, tuple[str, dict[str, tuple[str, str, str]]]] = {
    "services": ("service", {"status": ("status", "text", "{}")}),
    "establishments": ("establishment", {"type": ("type", "text", "{}")}),
    "qualifications": ("legal_qualification", {}),
    "postings": ("posting", {"kind": ("kind", "text", "{}"), "user": ("user_unit", "uuid", "{}")}),
    "certificates": ("certificate", {
        "series": ("series", "uuid", "{}"), "fields": ("fields", "text", "string_to_array({}, ',')"),
        "area": ("area", "uuid", "{}"),
    }),
    "events": ("certificate_event", {"certificate": ("certificate", "uuid", "{}"), "verb": ("verb", "text", "{}")}),
}  # fmt: skip
CONSTANT = {
    "posting": {
        "owner_unit": f"'{UNITS['team']}'",
        "manager_unit": f"'{UNITS['town']}'",
        "post": "'enforcement'",
    },
    "certificate": {"number": "gen_random_uuid()::text", "issued_on": "'2020-01-01'"},
}


async def _insert(
    connection: asyncpg.Connection,
    table: str,
    columns: dict[str, tuple[str, str, str]],
    records: Sequence[Any],
) -> None:
    shape = {"officer": ("officer", "uuid", "{}"), "since": ("valid_from", "date", "{}"),
             "until": ("valid_to", "date", "{}"), **columns}  # fmt: skip
    fixed = CONSTANT.get(table, {})
    arrays = ", ".join(f"${n}::{kind}[]" for n, (_, kind, _) in enumerate(shape.values(), 1))
    values = [written.format(f"given.{name}") for name, _, written in shape.values()]
    names = [name for name, _, _ in shape.values()]
    await connection.execute(
        f"INSERT INTO {table} ({', '.join([*names, *fixed])}) SELECT {', '.join([*values, *fixed.values()])}"
        f" FROM unnest({arrays}) AS given ({', '.join(names)})",
        *[[_plain(getattr(record, name)) for record in records] for name in shape],
    )


def _plain(value: Any) -> Any:
    return ",".join(value) if isinstance(value, tuple) else value
