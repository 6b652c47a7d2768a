"""Asking the gate: one officer, or all people of a unit, in one statement each, the asker's reach included."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from chizheng.clearance.gate import rules
from chizheng.clearance.gate.answers import (
    Abilities,
    Answer,
    Clearance,
    Counts,
    DropOut,
    Person,
    Unit,
    UnitClearance,
    counted,
    dropping_out,
    told,
)
from chizheng.clearance.gate.rules import Gap, Question
from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch, fetch_as, fetch_one, fetch_value
from chizheng.kernel.errors import Invalid, NotFound
from chizheng.kernel.i18n import _
from personnel.scope import reach

# A gap's detail; names of units travel along.
_TOLD = """CASE WHEN g.detail ?| ARRAY['area', 'unit'] THEN g.detail || jsonb_build_object('unit_name',
        (SELECT name FROM unit WHERE id = COALESCE(g.detail->>'area', g.detail->>'unit')::uuid)) ELSE g.detail END"""

# The gaps of one question, as the JSON that `Gap` reads.
GAPS_JSON = f"""COALESCE(jsonb_agg(jsonb_build_object(
    'code', g.code, 'hard', g.hard, 'starts', g.starts, 'ends', g.ends, 'detail', {_TOLD})
    ORDER BY g.hard DESC, g.starts, g.code), '[]')::text"""

# People whose posting gives a unit, or one below it, their use: on some day of the question, or last of all and
# they are still in service. $1 unit, $2 from, $3 to, $4-$8 reach. Nobody appears twice.
PEOPLE = """
place AS (
    SELECT u.id, u.name, u.kind FROM unit u
    WHERE u.id = $1 AND ($4 OR EXISTS (
        SELECT FROM unit_ancestor a WHERE a.unit = u.id AND a.ancestor = ANY ($5::uuid[] || $6::uuid[] || $7::uuid[])))
),
member AS MATERIALIZED (
    SELECT DISTINCT ON (p.officer) p.officer, p.user_unit, p.valid_from AS posted_from, p.valid_to AS posted_to
    FROM place JOIN unit_ancestor below ON below.ancestor = place.id
    JOIN posting p ON p.user_unit = below.unit AND p.superseded_at IS NULL
    WHERE p.valid_from < $3 AND ($4 OR officer_in_reach(p.officer, $4, $5, $6, $7, $8))
      AND (p.valid_to IS NULL OR p.valid_to > $2 OR NOT EXISTS (
              SELECT FROM posting later WHERE later.officer = p.officer AND later.superseded_at IS NULL
                AND later.valid_from > p.valid_from AND later.valid_from < $3)
          AND NOT EXISTS (
              SELECT FROM service s WHERE s.officer = p.officer AND s.superseded_at IS NULL
                AND s.status IN ('left', 'retired', 'dismissed') AND daterange(s.valid_from, s.valid_to) @> $2))
    ORDER BY p.officer, (p.valid_to IS NULL OR p.valid_to > $2) DESC, p.valid_from <= $2 DESC,
             p.kind IN ('exchange', 'borrowing'), p.valid_from DESC
),
person AS MATERIALIZED (
    SELECT m.*, o.name, o.pinyin, o.field AS speciality, squad.name AS squad, squad.position AS squad_position,
           c.number, c.fields, c.valid_to AS certificate_to,
           COALESCE((SELECT above.ancestor FROM unit_ancestor above
                     JOIN unit b ON b.id = above.ancestor AND b.kind = 'bureau'
                     JOIN unit_ancestor here ON here.unit = b.id AND here.ancestor = $1
                     WHERE above.unit = m.user_unit ORDER BY above.depth LIMIT 1),
                    CASE WHEN place.kind IN ('district', 'town', 'department') THEN m.user_unit ELSE $1 END) AS asked
    FROM place CROSS JOIN member m
    JOIN officer o ON o.id = m.officer AND o.withdrawn_at IS NULL
    JOIN unit squad ON squad.id = m.user_unit
    LEFT JOIN LATERAL (SELECT number, fields, valid_to FROM certificate c
                       WHERE c.officer = m.officer AND c.superseded_at IS NULL
                       ORDER BY (c.valid_from <= $2) DESC, c.valid_from DESC LIMIT 1) c ON true
)"""

# The bureau that uses an officer on day $5, or did last, with the days of the posting; `o` is the officer.
_POSTED = """
    SELECT a.ancestor AS unit, p.valid_from, p.valid_to
    FROM posting p JOIN unit_ancestor a ON a.unit = p.user_unit JOIN unit u ON u.id = a.ancestor
    WHERE p.officer = o.id AND p.superseded_at IS NULL
    ORDER BY (p.valid_from <= $5 AND (p.valid_to IS NULL OR p.valid_to > $5)) DESC,
             p.kind IN ('exchange', 'borrowing'), p.valid_from DESC, (u.kind = 'bureau') DESC, a.depth
    LIMIT 1"""
_USED = f"(SELECT posted.unit FROM ({_POSTED}) posted)"

_USED_BY = f"SELECT {_USED} FROM officer o WHERE o.id = $1".replace("$5", "$2")
_FIRST_FIELD = """(
    SELECT c.fields[1] FROM certificate c WHERE c.officer = o.id AND c.superseded_at IS NULL
    ORDER BY (c.valid_from <= $5) DESC, c.valid_from DESC LIMIT 1)"""


# The gate's answer. Values: officer, role, field, unit, from, to. A question that names all its
# parts is the hot path: every node of its plan is set up each time, so what it does not need is not in it.
_ANSWER = """
SELECT o.name, array_to_json(answer.gaps)::text AS gaps
FROM officer o, clearance_answer($1, $2, $3, $4, $5, $6) answer
WHERE o.id = $1 AND o.withdrawn_at IS NULL"""
# What the question leaves open is looked up once (OFFSET 0 keeps the subquery together).
_ANSWER_TO_OPEN = f"""
SELECT o.name, array_to_json(answer.gaps)::text AS gaps, asked.field, asked.unit
FROM officer o
CROSS JOIN LATERAL (
    SELECT COALESCE($3::text, o.field, {_FIRST_FIELD}) AS field, COALESCE($4::uuid, {_USED}) AS unit OFFSET 0) asked
CROSS JOIN LATERAL clearance_answer($1, $2, asked.field, asked.unit, $5, $6) answer
WHERE o.id = $1 AND o.withdrawn_at IS NULL"""
_WITHIN_REACH = " AND officer_in_reach($1, false, $7, $8, $9, $10)"

# Whether a unit ($1) is there to be asked about: $2-$5 reach.
_UNIT_IN_REACH = """
SELECT EXISTS (SELECT FROM unit_ancestor a WHERE a.unit = $1
               AND ($2 OR a.ancestor = ANY ($3::uuid[] || $4::uuid[] || $5::uuid[])))"""


def _answers_in(fields: str, officer: str, role: str, unit: str, days: str) -> str:
    """SQL: the gate's answer for each field of an array, as the JSON that `Answer` reads."""
    return f"""(
        SELECT jsonb_agg(jsonb_build_object('field', f.code, 'gaps', f.gaps::jsonb) ORDER BY f.place)::text FROM (
            SELECT wanted.code, wanted.place, (
                SELECT {GAPS_JSON} FROM clearance_gaps({officer}, {role}, wanted.code, {unit}, {days}) g) AS gaps
            FROM unnest({fields}) WITH ORDINALITY AS wanted(code, place)) f)"""


def _fields_of(held: str, speciality: str) -> str:
    """SQL: the fields to ask about when none is named: those of the certificate and the speciality, or one unknown."""
    return f"""CASE
        WHEN {held} IS NULL AND {speciality} IS NULL THEN ARRAY[NULL]::text[]
        ELSE ARRAY(SELECT code FROM field WHERE code = {speciality} OR code = ANY ({held}) ORDER BY position) END"""


_WANTED_FIELDS = (
    f"CASE WHEN $10::text IS NOT NULL THEN ARRAY[$10] ELSE {_fields_of('p.fields', 'p.speciality')} END"
)
_UNIT = f"""
WITH {PEOPLE}
SELECT place.id, place.name, place.kind, p.officer, p.name, p.user_unit, p.squad, p.number, p.certificate_to,
       p.posted_from, p.posted_to, p.asked,
       {_answers_in(_WANTED_FIELDS, "p.officer", "$9", "p.asked", "$2, $3")}
FROM place LEFT JOIN person p ON true
ORDER BY p.squad_position, p.squad, p.pinyin, p.name, p.officer"""


_ABILITIES = f"""
SELECT o.id, posted.unit, posted.valid_from, posted.valid_to,
       {_answers_in(_fields_of("c.fields", "o.field"), "o.id", "'lead'", "posted.unit", "$2, $2 + 1")}
FROM officer o LEFT JOIN LATERAL ({_POSTED.replace("$5", "$2")}) posted ON true
     LEFT JOIN LATERAL (SELECT fields FROM certificate c WHERE c.officer = o.id AND c.superseded_at IS NULL
                        ORDER BY (c.valid_from <= $2) DESC, c.valid_from DESC LIMIT 1) c ON true
WHERE o.id = ANY ($1)"""


_UNITS = """
SELECT u.id, u.name, u.kind FROM unit u
WHERE u.kind IN ('bureau', 'team') AND (u.valid_to IS NULL OR u.valid_to > $1)
  AND ($2 OR EXISTS (SELECT FROM unit_ancestor a WHERE a.unit = u.id AND a.ancestor = ANY ($3)))
  OR u.id = ANY ($3) AND u.kind IN ('squad', 'station')
ORDER BY u.kind, u.position, u.name"""


_gaps = msgspec.json.Decoder(tuple[Gap, ...])
_answers = msgspec.json.Decoder(tuple[Answer, ...])


async def clearance_of_officer(
    scope: Scope, officer: UUID, role: str, field: str | None, unit: UUID | None, start: date, end: date
) -> Clearance:
    """May this officer do this role on each day of [start, end)? One statement.

    Without a field their speciality is meant, else the first of their certificate; without a unit the bureau that
    uses them. NotFound outside the scope; Invalid for an unknown unit or one out of reach.
    """
    whole = field is not None and unit is not None
    statement = _ANSWER if whole else _ANSWER_TO_OPEN
    if scope.everywhere:
        row = await fetch_one(statement, officer, role, field, unit, start, end)
    else:
        within = statement + _WITHIN_REACH
        row = await fetch_one(within, officer, role, field, unit, start, end, *reach(scope)[1:])
    if row is None:
        raise NotFound(_("这名人员"))
    gaps = await with_unit_names(_sorted(read_gaps(row["gaps"])))
    # Whoever reaches everywhere need only be told of a unit that is not there, and the gate says so.
    doubtful = not scope.everywhere or any(gap.code == "question_unclear" for gap in gaps)
    if unit is not None and doubtful and not await _may_ask_about(scope, unit, officer, start):
        raise Invalid(_("参数有误"), unit=_("没有这个单位，或不在您的管辖范围内"))
    if not whole:
        field, unit = row["field"], row["unit"]
    return Clearance(officer, row["name"], Question(role, field, unit, start, end), gaps)


async def clearance_of_unit(
    scope: Scope, unit: UUID, role: str, field: str | None, start: date, end: date
) -> UnitClearance:
    """The same question about everybody whose posting gives the unit their use, for one field or for each they hold.

    One statement. NotFound outside the scope.
    """
    rows = await fetch(_UNIT, unit, start, end, *reach(scope), role, field)
    if not rows:
        raise NotFound(_("这个单位"))
    people = tuple(_person(tuple(row)[3:]) for row in rows if row[3] is not None)
    return UnitClearance(rows[0][0], rows[0][1], rows[0][2], role, start, end, people)


async def abilities_of(officers: Sequence[UUID], day: date) -> list[Abilities]:
    """What each of these people may lead on that day. The caller has seen to the reach."""
    rows = await fetch(_ABILITIES, list(officers), day)
    found = [Abilities(*(*tuple(row)[:-1], _answers.decode(row[-1]))) for row in rows]
    return [msgspec.structs.replace(one, answers=_told(one)) for one in found]


async def drops_out(scope: Scope, unit: UUID, today: date, within_days: int = 30) -> list[DropOut]:
    """Who is cleared to lead today and will not be on some later day, soonest first, by the gate's own answer."""
    window = today + timedelta(days=within_days)
    return dropping_out(await clearance_of_unit(scope, unit, rules.Role.LEAD, None, today, window))


async def cleared_counts(scope: Scope, unit: UUID, day: date) -> Counts:
    """The heads over the board: how many are cleared to lead on a day, in all and by field."""
    return counted(await clearance_of_unit(scope, unit, rules.Role.LEAD, None, day, day + rules.ONE_DAY))


async def units_in_reach(scope: Scope, today: date) -> list[Unit]:
    """The units whose board the scope may look at, bureaus first."""
    return await fetch_as(Unit, _UNITS, today, scope.everywhere, list(scope.units))


def read_gaps(text: str) -> tuple[Gap, ...]:
    """Gaps from the JSON text of `GAPS_JSON` or of an answer."""
    return _gaps.decode(text)


async def _may_ask_about(scope: Scope, unit: UUID, officer: UUID, start: date) -> bool:
    """Whether the unit is there and in the asker's reach, or is the officer's own."""
    if await fetch_value(_UNIT_IN_REACH, unit, *reach(scope)[:4]):
        return True
    return bool(await fetch_value(_USED_BY, officer, start) == unit)


async def with_unit_names(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """The gaps, each unit in their details with its name beside it."""
    places = {UUID(place) for gap in gaps if (place := _place(gap))}
    if not places:
        return gaps
    names = dict(await fetch("SELECT id::text, name FROM unit WHERE id = ANY ($1)", list(places)))
    return tuple(
        msgspec.structs.replace(gap, detail={**(gap.detail or {}), "unit_name": names[place]})
        if (place := _place(gap)) in names
        else gap
        for gap in gaps
    )


def _place(gap: Gap) -> str | None:
    detail = gap.detail or {}
    return detail.get("area") or detail.get("unit")


def _sorted(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    return tuple(sorted(gaps, key=_first_hard))


def _first_hard(gap: Gap) -> tuple[bool, date, str]:
    return not gap.hard, gap.starts or date.min, gap.code


def _person(row: tuple[Any, ...]) -> Person:
    person = Person(*(*row[:-1], _answers.decode(row[-1])))
    return msgspec.structs.replace(person, answers=_told(person))


def _told(person: Person | Abilities) -> tuple[Answer, ...]:
    return tuple(Answer(answer.field, told(person, answer.gaps)) for answer in person.answers)
