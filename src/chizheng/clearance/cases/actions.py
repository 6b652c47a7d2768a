"""Opening, correcting and closing cases."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec

from chizheng.clearance.cases import queries, rules
from chizheng.kernel import audit
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.db import execute, fetch, fetch_value, transactional
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import new_id
from personnel.scope import unit_in_reach

USES_CASES = ("bureau", "team", "department")


class NewCase(msgspec.Struct, frozen=True):
    """What is written down when a case is opened."""

    unit: UUID
    field: str
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    opened_on: date
    due_on: date
    item: UUID | None = None
    parties: Annotated[str, msgspec.Meta(max_length=300)] = ""


class Correction(msgspec.Struct, frozen=True):
    """What may be put right in an open case."""

    field: str
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    due_on: date
    item: UUID | None = None
    parties: Annotated[str, msgspec.Meta(max_length=300)] = ""


async def open_case(actor: Actor, new: NewCase, today: date) -> UUID:
    """Opens a case for a bureau in reach; returns its id.

    Raises Invalid for a unit out of reach, a strange number, dates that run backwards, or an item of another field;
    Conflict `case_number_taken`.
    """
    scope = actor.scope(Permission.CASE_OPEN)
    _refuse(rules.faults(msgspec.structs.asdict(new), today))
    try:
        return await _open(actor, scope.everywhere, list(scope.units), new)
    except asyncpg.UniqueViolationError as error:
        raise await _number_taken(new.number, new.unit, new.opened_on) from error


async def correct_case(actor: Actor, id: UUID, new: Correction, today: date) -> None:
    """Puts an open case right.

    Raises Conflict `case_closed`, `case_number_taken`, or `not_cleared` when a handler would not be cleared for the
    other field; Invalid for the same reasons as opening.
    """
    case = await queries.one_case(actor.scope(Permission.CASE_OPEN), id, today)
    _refuse(correction_faults(case, msgspec.structs.asdict(new), today))
    try:
        await _correct(actor, case, new)
    except asyncpg.UniqueViolationError as error:
        raise await _number_taken(new.number, case.unit, case.opened_on) from error
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != "not_cleared":
            raise
        gaps = msgspec.json.decode(error.detail or "[]")
        raise Conflict("not_cleared", _("改后有承办人不再具备上岗资格"), {"gaps": gaps}) from error


def correction_faults(case: queries.Case, given: Mapping[str, Any], today: date) -> dict[str, str]:
    """What is wrong with a correction of this case; a number it has already stays, however it is written."""
    judged = {name: value for name, value in given.items() if name != "number" or value != case.number}
    return rules.faults({**judged, "opened_on": case.opened_on}, today)


@transactional
async def close_case(actor: Actor, id: UUID, today: date) -> int:
    """Closes a case and ends its assignments; returns how many. Conflict `case_closed` when it is closed already."""
    case = await queries.one_case(actor.scope(Permission.CASE_CLOSE), id, today)
    members = await fetch(
        "SELECT DISTINCT officer FROM assignment WHERE case_file = $1 AND ended_at IS NULL ORDER BY officer",
        id,
    )
    for (
        member
    ) in members:  # a suspension at this instant must find them either standing or ended, not in between
        await execute("CALL take_turn($1)", member[0])
    tag = await execute(
        "UPDATE case_file SET status = 'closed', closed_on = $2, turn = turn + 1 WHERE id = $1 AND status = 'open'",
        id, today,
    )  # fmt: skip
    if tag != "UPDATE 1":
        raise Conflict("case_closed", _("案件已结案"))
    ended = await fetch(
        "UPDATE assignment SET ended_at = now(), ending = 'case_closed', ended_by = $2"
        " WHERE case_file = $1 AND ended_at IS NULL RETURNING id",
        id, actor.account,
    )  # fmt: skip
    await audit.record(actor, "case.close", ("case", id), {"number": case.number, "ended": len(ended)})
    return len(ended)


@transactional
async def _open(actor: Actor, everywhere: bool, units: list[UUID], new: NewCase) -> UUID:
    usable = await fetch_value(
        f"SELECT EXISTS (SELECT FROM unit u WHERE u.id = $3 AND u.kind = ANY ($4) AND {unit_in_reach('u.id')}"
        " AND u.valid_from <= $5 AND (u.valid_to IS NULL OR u.valid_to > $5))",
        everywhere, units, new.unit, list(USES_CASES), new.opened_on,
    )  # fmt: skip
    if not usable:
        raise Invalid(_("填写有误"), unit=_("没有这个单位，或不在您的管辖范围内"))
    if new.item:
        await queries.require_item(new.item, new.field, new.opened_on)
    case = new_id()
    await execute(
        "INSERT INTO case_file (id, number, unit, field, item, title, parties, opened_on, due_on, recorded_at,"
        " recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now(), $10)",
        case, new.number, new.unit, new.field, new.item, new.title, new.parties, new.opened_on, new.due_on,
        actor.account,
    )  # fmt: skip
    await audit.record(actor, "case.open", ("case", case), msgspec.to_builtins(new))
    return case


@transactional
async def _correct(actor: Actor, case: queries.Case, new: Correction) -> None:
    if new.item:
        await queries.require_item(new.item, new.field, case.opened_on)
    tag = await execute(
        "UPDATE case_file SET number = $2, title = $3, field = $4, item = $5, parties = $6, due_on = $7,"
        " turn = turn + 1 WHERE id = $1 AND status = 'open'",
        case.id, new.number, new.title, new.field, new.item, new.parties, new.due_on,
    )  # fmt: skip
    if tag != "UPDATE 1":
        raise Conflict("case_closed", _("案件已结案"))
    before, after = msgspec.to_builtins(case), msgspec.to_builtins(new)
    changes = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    await audit.record(actor, "case.correct", ("case", case.id), changes)


def _refuse(wrong: Mapping[str, str]) -> None:
    if wrong:
        raise Invalid(_("填写有误"), **wrong)


async def _number_taken(number: str, unit: UUID, opened_on: date) -> Conflict:
    following = await queries.next_number(unit, opened_on.year)
    sentence = _("案号 %(number)s 已被使用，可用 %(next)s", number=number, next=following)
    return Conflict("case_number_taken", sentence, {"errors": {"number": sentence}, "next": following})
