"""Registering people, recording how they stand, showing what lies sealed."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import audit, keys
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.db import execute, fetch_one, fetch_value, transactional
from chizheng.kernel.errors import Conflict, Invalid, NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import new_id
from personnel.facts import Change, follow, record_fact, settle, take_turn
from personnel.identity import Fault, IdNumber, mask, mask_phone, parse_id_number
from personnel.officers.labels import STATUS_NAMES
from personnel.officers.names import reading_of
from personnel.officers.rules import NEEDS_A_DOCUMENT, Establishment, Secret, Status, may_become
from personnel.scope import in_personal_reach, in_reach, reach, require_reach
from personnel.texts import DocumentNo, Line, Reason

FURTHEST_AHEAD = timedelta(days=366)


class NewOfficer(msgspec.Struct, frozen=True):
    """A person to be registered. Sex and day of birth follow from the identity number when there is one."""

    name: Line
    establishment: Establishment
    since: date
    id_number: Line = ""
    phone: Line = ""
    sex: str | None = None
    born: date | None = None
    ethnicity: str | None = None
    politics: str | None = None
    education: str | None = None
    rank_title: str | None = None
    field: str | None = None
    legal_qualification: str | None = None


class ServiceChange(msgspec.Struct, frozen=True, rename={"start": "from"}):
    """How somebody's service goes on from a day."""

    status: Status
    start: date
    reason: Reason = ""
    document_no: DocumentNo = ""


@transactional
async def register_officer(actor: Actor, new: NewOfficer) -> Change:
    """Registers a person, in service and in their establishment from `since` on.

    Invalid for a faulty identity number; Conflict `already_registered` when it belongs to somebody already.
    """
    actor.require(Permission.SERVICE_RECORD)
    if not new.name.strip():
        raise Invalid(_("填写有误"), name=_("请填写"))
    number = _identity(new.id_number)
    officer, by = new_id(), actor.account
    await _insert(actor, officer, new, number)
    await record_fact("service", new.since, None, by, officer=officer, status=Status.ACTIVE.value)
    await record_fact("establishment", new.since, None, by, officer=officer, type=new.establishment.value)
    if new.legal_qualification is not None:
        await record_fact(
            "legal_qualification", new.since, None, by, officer=officer, number=new.legal_qualification
        )
    change = await settle(officer, officer)
    await audit.record(
        actor, "officer.register", ("officer", officer), {"name": new.name, "since": new.since}
    )
    return change


@transactional
async def record_service(actor: Actor, officer: UUID, new: ServiceChange, today: date) -> Change:
    """Retires, suspends from duty, brings back, lets go: from a day on, also a past or a coming one.

    Conflict `service_transition` for a step the rules do not know, `later_fact` when something later is on record.
    """
    await require_reach(actor.scope(Permission.SERVICE_RECORD), officer)
    await take_turn(officer)
    given = {"status": new.status, "from": new.start, "reason": new.reason, "document_no": new.document_no}
    if wrong := service_faults(given, today):
        raise Invalid(_("填写有误"), **wrong)
    before = await _status_before(officer, new.start)
    if not may_become(before, new.status):
        raise Conflict(
            "service_transition",
            _("%(day)s 之前的状态为“%(before)s”，不能改为“%(after)s”", day=new.start,
              before=_(STATUS_NAMES[before]) if before else _("无记录"), after=_(STATUS_NAMES[new.status])),
            {"before": before and before.value, "after": new.status.value},
        )  # fmt: skip
    await follow(
        "service", officer, new.start, actor.account, status=new.status.value, reason=new.reason.strip(),
        document_no=new.document_no.strip(),
    )  # fmt: skip
    change = await settle(officer, officer)
    await audit.record(actor, f"service.{new.status}", ("officer", officer), msgspec.to_builtins(new))
    return change


def service_faults(given: Mapping[str, Any], today: date) -> dict[str, str]:
    """What is wrong with a change of service, by the name of its field; a status or day not given is not judged."""
    wrong = {}
    if "from" in given and given["from"] > today + FURTHEST_AHEAD:
        wrong["from"] = _("不能晚于一年之后")
    needed = ("reason", "document_no") if given.get("status") in NEEDS_A_DOCUMENT else ("reason",)
    return wrong | {name: _("请填写") for name in needed if not given.get(name, "").strip()}


@transactional
async def record_establishment(actor: Actor, officer: UUID, type: Establishment, start: date) -> Change:
    """The person fills another kind of post from that day on. Conflict `later_fact` as in `record_service`."""
    await require_reach(actor.scope(Permission.SERVICE_RECORD), officer)
    await take_turn(officer)
    await follow("establishment", officer, start, actor.account, type=type.value)
    change = await settle(officer, officer)
    await audit.record(actor, "establishment.record", ("officer", officer), {"type": type, "from": start})
    return change


@transactional
async def record_legal_qualification(actor: Actor, officer: UUID, number: str, start: date) -> Change:
    """The person holds 法律职业资格 from that day on (行政处罚法 58)."""
    await require_reach(actor.scope(Permission.SERVICE_RECORD), officer)
    await take_turn(officer)
    await follow("legal_qualification", officer, start, actor.account, number=number.strip())
    change = await settle(officer, officer)
    await audit.record(actor, "legal_qualification.record", ("officer", officer), {"from": start})
    return change


@transactional
async def unmask(actor: Actor, officer: UUID, what: Secret, reason: str) -> str:
    """The whole number, for a reason that is kept. Only to those who own or manage the person: who uses them never sees
    it (个人信息保护法 6, 28). NotFound when there is none.
    """
    scope = actor.scope(Permission.OFFICER_UNMASK)
    await require_reach(scope, officer)
    if not reason.strip():
        raise Invalid(_("请写明查看事由"), reason=_("请填写"))
    sql = f"SELECT o.{what.value} FROM officer o WHERE o.id = $6 AND {in_reach('o.id')} AND {in_personal_reach('o.id')}"
    sealed = await fetch_value(sql, *reach(scope), officer)
    if sealed is None:
        raise NotFound(_("这项信息"))
    await audit.record(
        actor, "officer.unmask", ("officer", officer), {"what": what, "reason": reason.strip()}
    )
    return keys.unseal(sealed)


def _identity(text: str) -> IdNumber | None:
    if not text.strip():
        return None
    number = parse_id_number(text)
    if isinstance(number, Fault):
        raise Invalid(_("身份证号码有误"), id_number=_("请核对身份证号码：位数、出生日期或校验码不符"))
    return number


async def _insert(actor: Actor, id: UUID, new: NewOfficer, number: IdNumber | None) -> None:
    name, phone = new.name.strip(), "".join(new.phone.split())
    reading = reading_of(name)
    row = {
        "id": id, "name": name, "pinyin": reading.pinyin, "initials": reading.initials,
        "sex": number.sex if number else new.sex, "born": number.born if number else new.born,
        "id_number": keys.seal(number.number) if number else None,
        "id_number_index": keys.blind(number.number) if number else None,
        "id_number_masked": mask(number.number) if number else "",
        "phone": keys.seal(phone) if phone else None, "phone_masked": mask_phone(phone) if phone else "",
        "ethnicity": new.ethnicity, "politics": new.politics, "education": new.education,
        "rank_title": new.rank_title, "field": new.field, "recorded_by": actor.account,
    }  # fmt: skip
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    try:
        await execute(
            f"INSERT INTO officer ({', '.join(row)}, recorded_at) VALUES ({places}, now())", *row.values()
        )
    except asyncpg.UniqueViolationError as error:
        raise Conflict("already_registered", _("此身份证号码已有人员档案")) from error


async def _status_before(officer: UUID, day: date) -> Status | None:
    """The status that ran up to the day: of the day before it, or the last one known until then."""
    row = await fetch_one(
        "SELECT status FROM service WHERE officer = $1 AND superseded_at IS NULL AND valid_from < $2"
        " ORDER BY valid_from DESC LIMIT 1",
        officer, day,
    )  # fmt: skip
    return Status(row["status"]) if row else None
