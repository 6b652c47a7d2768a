"""Assignments: which orders can be asked of the gate at all, and what an ended one says."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

from chizheng.clearance.gate.rules import (
    EARLIEST,
    HANDLERS,
    HANDLERS_NEEDED,
    LATEST,
    ONE_DAY,
    Role,
    role_name,
)
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _

LARGEST_REQUEST = 20


class Ending(StrEnum):
    """How an assignment ends: by the gate, by hand, by the calendar, or with its case."""

    STOOD_DOWN = "stood_down"
    RELEASED = "released"
    FINISHED = "finished"
    CASE_CLOSED = "case_closed"


class Order(msgspec.Struct, frozen=True):
    """This officer, in this role, on each day from `start` up to but not including `end`.

    Days left out are the case's: see `dated`.
    """

    officer: UUID
    role: str
    start: date | None = None
    end: date | None = None


class Dated(Order, frozen=True, kw_only=True):
    """An order with both its days."""

    start: date
    end: date


class Standing(msgspec.Struct, frozen=True):
    """Somebody who is on the case already."""

    officer: UUID
    name: str
    role: str


def default_days(opened_on: date, due_on: date, today: date) -> tuple[date, date]:
    """From today, or the day the case opens, to the end of the day it is due; half-open, never empty."""
    start = max(opened_on, today)
    return start, max(due_on, start) + ONE_DAY


def dated(order: Order, opened_on: date, due_on: date, today: date) -> Dated:
    """The order with the case's own days where it says none."""
    start, end = default_days(opened_on, due_on, today)
    return Dated(order.officer, order.role, start=order.start or start, end=order.end or end)


def check_order(order: Dated, opened_on: date, today: date) -> None:
    """Raises Invalid for an unknown role or days that are backwards, over already, or before the case."""
    errors: dict[str, str] = {}
    if order.role not in list(Role):
        errors["role"] = _("应为其中之一：%(codes)s", codes=_("、").join(Role))
    if not max(EARLIEST, opened_on) <= order.start < LATEST:
        errors["from"] = _("开始日不能早于立案日期 %(day)s", day=opened_on)
    if order.end > LATEST:
        errors["to"] = _("日期超出范围")
    elif not order.start < order.end:
        errors["to"] = _("截止日不能早于开始日")
    elif order.end <= today:
        errors["to"] = _("截止日已过")
    if errors:
        raise Invalid(_("填写有误"), **errors)


def check_size(orders: Sequence[Order]) -> None:
    """Raises Invalid for an empty request or one that is too long."""
    if not 0 < len(orders) <= LARGEST_REQUEST:
        raise Invalid(_("一次指派 1 至 %(most)s 人", most=LARGEST_REQUEST))


def check_team(orders: Sequence[Order], standing: Sequence[Standing]) -> None:
    """Raises Conflict when somebody would be on the case twice as a handler or in one role, or for a second lead.

    Two handlers are two people (行政处罚法 42). The database refuses all of these; here is said who is in the way.
    """
    there = list(standing)
    for order in orders:
        for member in there:
            _check_beside(order, member)
        there.append(Standing(order.officer, "", order.role))


def short_sentence(handlers: int) -> str:
    """`本案还差 1 人`, or nothing when there are enough."""
    missing = max(0, HANDLERS_NEEDED - handlers)
    return _("本案还差 %(count)s 人", count=missing) if missing else ""


def _check_beside(order: Order, member: Standing) -> None:
    both_handle = order.role in HANDLERS and member.role in HANDLERS
    if order.officer == member.officer and (order.role == member.role or both_handle):
        sentence = _(
            "此人已是本案%(role)s，不能再任%(other)s",
            role=role_name(member.role),
            other=role_name(order.role),
        )
        raise Conflict("assignment_once", sentence, {"officer": str(order.officer)})
    if order.role == member.role == Role.LEAD:
        sentence = (
            _("本案已有主办：%(name)s，须先解除", name=member.name)
            if member.name
            else _("一起案件只有一名主办")
        )
        raise Conflict("assignment_one_lead", sentence, {"officer": str(order.officer)})
