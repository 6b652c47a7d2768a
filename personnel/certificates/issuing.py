"""Issuing a certificate: who may hold one, and under which number."""

from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import audit
from chizheng.kernel.access import Actor
from chizheng.kernel.db import fetch_one, fetch_value, transactional
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _
from personnel.certificates.actions import number_taken, require_free
from personnel.certificates.labels import STATE_NAMES, fault_sentences
from personnel.certificates.queries import certificates_of
from personnel.certificates.rules import (
    LEAST_AGE,
    WHO,
    State,
    Verb,
    months_later,
    new_certificate_faults,
    tidy_number,
)
from personnel.facts import Change, record_fact, settle, take_turn
from personnel.officers.rules import IN_ESTABLISHMENT
from personnel.scope import require_reach
from personnel.texts import DocumentNo, Line, Reason
from personnel.units.labels import FIELD_NAMES


class NewCertificate(msgspec.Struct, frozen=True, rename={"start": "from", "until": "to"}):
    """A certificate to be issued; `to` is the first day it is no longer valid."""

    officer: UUID
    number: Line
    fields: list[str]
    area: UUID
    authority: DocumentNo
    issued_on: date
    start: date
    until: date
    document_no: DocumentNo = ""
    reason: Reason = ""


@transactional
async def issue_certificate(actor: Actor, new: NewCertificate, today: date) -> Change:
    """Issues a certificate to somebody in service and in establishment who holds none and never had one revoked.

    Invalid with the fault of each input; Conflict `not_in_service`, `not_in_establishment`, `too_young`,
    `certificate_held`, `revoked_before` or `number_taken`.
    """
    await require_reach(actor.scope(WHO[Verb.ISSUE]), new.officer)
    await take_turn(new.officer)
    await _check_input(new)
    await check_holder(new.officer, new.start)
    number = tidy_number(new.number)
    await require_free(actor, Verb.ISSUE, number, None, today)
    made = await _write(actor, new, number)
    change = await settle(made, new.officer)
    await audit.record(
        actor, "certificate.issue", ("certificate", made), msgspec.to_builtins(new) | {"number": number}
    )
    return change


async def _check_input(new: NewCertificate) -> None:
    wrong = fault_sentences(
        new_certificate_faults(new.number, new.fields, new.issued_on, new.start, new.until)
    )
    if set(new.fields) - FIELD_NAMES.keys():
        wrong["fields"] = _("请从列表中选择")
    if not new.authority.strip():
        wrong["authority"] = _("请填写")
    if not await fetch_value("SELECT EXISTS (SELECT FROM unit WHERE id = $1)", new.area):
        wrong["area"] = _("请从列表中选择")
    if wrong:
        raise Invalid(_("填写有误"), **wrong)


async def check_holder(officer: UUID, day: date) -> None:
    """Raises the Conflict that keeps this person from getting a certificate that begins on that day."""
    await _check_person(officer, day)
    await _check_others(officer, day)


async def hindrance(officer: UUID, day: date) -> Conflict | None:
    """The same, returned."""
    try:
        await check_holder(officer, day)
    except Conflict as error:
        return error
    return None


async def _check_person(officer: UUID, day: date) -> None:
    """In service, in establishment and grown up on the first day (行政处罚法 42; 河南 20; 山东 10)."""
    holds = "officer = $1 AND superseded_at IS NULL AND daterange(valid_from, valid_to) @> $2::date"
    person = await fetch_one(
        f"SELECT born, (SELECT status FROM service WHERE {holds}) AS status,"
        f" (SELECT type FROM establishment WHERE {holds}) AS type FROM officer WHERE id = $1",
        officer, day,
    )  # fmt: skip
    assert person is not None
    if person["status"] != "active":
        raise Conflict("not_in_service", _("该人员于 %(day)s 不在职，不能发证", day=day))
    if person["type"] not in IN_ESTABLISHMENT:
        raise Conflict("not_in_establishment", _("该人员于 %(day)s 不在编，不能发证", day=day))
    if person["born"] and months_later(person["born"], 12 * LEAST_AGE) > day:
        raise Conflict("too_young", _("未满 %(age)s 周岁，不能发证", age=LEAST_AGE))


async def _check_others(officer: UUID, day: date) -> None:
    """Nobody holds two at a time, and a revocation or a suspension is not left behind by a new certificate."""
    revoked = await fetch_value(
        "SELECT EXISTS (SELECT FROM certificate_event"
        " WHERE officer = $1 AND verb = 'revoke' AND superseded_at IS NULL)",
        officer,
    )
    if revoked:
        raise Conflict(
            "revoked_before", _("曾被吊销行政执法证，不得重新申领（交通运输行政执法证件管理规定第三十四条）")
        )
    for other in await certificates_of(officer, day):
        if other.state not in (State.CANCELLED, State.EXPIRED):
            raise Conflict(
                "certificate_held",
                _("已有证件 %(number)s，于 %(day)s 的状态为“%(state)s”：请在该证件上办理换证、补发或恢复",
                  number=other.number, day=day, state=_(STATE_NAMES[State(other.state)])),
                {"certificate": str(other.id), "state": other.state},
            )  # fmt: skip


async def _write(actor: Actor, new: NewCertificate, number: str) -> UUID:
    try:
        made = await record_fact(
            "certificate", new.start, new.until, actor.account, officer=new.officer, number=number,
            fields=sorted(set(new.fields), key=list(FIELD_NAMES).index), area=new.area,
            authority=new.authority.strip(), issued_on=new.issued_on,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "certificate_start_once":
            raise Conflict("certificate_held", _("该日已有另一张证件起效")) from error
        raise number_taken(number) from error
    await record_fact(
        "certificate_event", new.start, None, actor.account, certificate=made, officer=new.officer,
        verb=Verb.ISSUE.value, reason=new.reason, document_no=new.document_no,
    )  # fmt: skip
    return made
