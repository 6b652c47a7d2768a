"""What stands on the gate, in words: the roles it knows, and for each gap what it says, by which article, and its cure.

The rules themselves are in `gate.sql` and nowhere else; here nothing is decided, only explained.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from chizheng.clearance.gate.wordings import GAPS, TELLING
from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import N_, _
from personnel.units.labels import FIELD_NAMES

ONE_DAY = timedelta(days=1)
EARLIEST, LATEST = date(1949, 10, 1), date(2200, 1, 1)
HANDLERS_NEEDED = 2  # 行政处罚法 42: never fewer than two


class Role(StrEnum):
    """What somebody is in a case. An observer never counts."""

    LEAD = "lead"
    CO_HANDLER = "co_handler"
    LEGAL_REVIEWER = "legal_reviewer"
    HEARING_CHAIR = "hearing_chair"
    OBSERVER = "observer"


ROLE_NAMES = {
    Role.LEAD: N_("主办"),
    Role.CO_HANDLER: N_("协办"),
    Role.LEGAL_REVIEWER: N_("法制审核"),
    Role.HEARING_CHAIR: N_("听证主持"),
    Role.OBSERVER: N_("跟班"),
}
HANDLERS = (Role.LEAD, Role.CO_HANDLER)

_STATUS_NAMES = {"suspended": N_("停职"), "left": N_("离职"), "retired": N_("退休"), "dismissed": N_("辞退")}
_TYPE_NAMES = {
    "contract": N_("劳动合同制"),
    "dispatched": N_("劳务派遣"),
    "worker": N_("工勤"),
    "temporary": N_("临时人员"),
    "auxiliary": N_("辅助人员"),
}


class Question(msgspec.Struct, frozen=True):
    """May somebody do this role, in this field and place, on each day from `start` up to but not including `end`?"""

    role: str
    field: str | None
    unit: UUID | None
    start: date
    end: date
    task: bool = True  # false when no task is being planned: then nothing is said about its days

    def on_first_day(self, gaps: "Iterable[Gap]") -> "Question":
        """The question a stand-down answered: only the first day that remained, which its gaps begin with."""
        day = min((gap.starts for gap in gaps if gap.starts), default=self.start)
        return msgspec.structs.replace(self, start=day, end=day + ONE_DAY, task=False)


class Gap(msgspec.Struct, frozen=True):
    """One reason why not, as the gate gives it. `starts` and `ends` frame the uncovered days (half-open)."""

    code: str
    hard: bool
    starts: date | None  # null only when the question itself had no days
    ends: date | None
    detail: dict[str, Any] | None = None


class Explained(msgspec.Struct, frozen=True):
    """A gap in words. `since` and `until` (the last day) are empty where the sentence already says them."""

    code: str
    hard: bool
    message: str
    since: date | None
    until: date | None
    basis: str
    cure: str

    @property
    def sentence(self) -> str:
        """The message under the name the page macros use."""
        return self.message


def explain(gap: Gap, asked: Question) -> Explained:
    """A gap in the current language. Names of units travel in the gap's detail as `unit_name`."""
    rule = GAPS[gap.code]
    facts = _facts(gap, asked)
    wording = next(wording for wording in rule.wordings if wording.names <= facts.keys())
    told = bool(wording.names & TELLING)
    later = gap.starts is not None and gap.starts > asked.start
    early = gap.ends is not None and gap.ends < asked.end
    return Explained(
        code=gap.code,
        hard=gap.hard,
        message=_(wording.sentence, **facts),
        since=gap.starts if later and not told else None,
        until=gap.ends - ONE_DAY
        if gap.ends and early and not {"begins", "resumes", "posted_from"} & wording.names
        else None,
        basis=_(rule.basis),
        cure=_(wording.cure, **facts),
    )


def explained(gaps: Iterable[Gap], asked: Question) -> list[Explained]:
    """Every gap in words, in the order given."""
    return [explain(gap, asked) for gap in gaps]


def refused(gaps: Iterable[Gap]) -> bool:
    """Whether any of them is hard. Soft gaps alone do not refuse."""
    return any(gap.hard for gap in gaps)


def gaps_on_first_day(gaps: Iterable[Gap], start: date) -> tuple[Gap, ...]:
    """Of the gaps of a question beginning on `start`, those of its first day: uncovered days begin with it or later."""
    return tuple(gap for gap in gaps if gap.starts == start)


def first_refused_day(gaps: Iterable[Gap]) -> date | None:
    """The first day of the question on which a hard gap stands; None when there is none."""
    return min((gap.starts for gap in gaps if gap.hard and gap.starts), default=None)


def role_of(text: str) -> Role:
    """The role of that code; Invalid for any other."""
    try:
        return Role(text)
    except ValueError:
        raise Invalid(_("参数有误"), role=_("应为其中之一：%(codes)s", codes=_("、").join(Role))) from None


def field_of(text: str | None) -> str | None:
    """The field of that code, or none; Invalid for any other."""
    if text is not None and text not in FIELD_NAMES:
        raise Invalid(_("参数有误"), field=_("应为其中之一：%(codes)s", codes=_("、").join(FIELD_NAMES)))
    return text


def period(on: date | None, start: date | None, end: date | None, today: date) -> tuple[date, date]:
    """The days asked about, half-open: one day `on` (today when nothing is said), or from `start` until before `end`.

    Raises Invalid naming `on`, `from` or `to`.
    """
    if on and (start or end):
        raise Invalid(_("参数有误"), on=_("on 与 from、to 不能同时使用"))
    if end and not start:
        raise Invalid(_("参数有误"), **{"from": _("有 to 时须有 from")})
    first = start or on or today
    if not EARLIEST <= first < LATEST:
        raise Invalid(_("参数有误"), **{"from" if start else "on": _("日期超出范围")})
    last = end or first + ONE_DAY
    if not first < last <= LATEST:
        raise Invalid(_("参数有误"), to=_("to 应晚于 from，且不超出范围"))
    return first, last


def role_name(role: str) -> str:
    """The role's name in the current language."""
    return _(ROLE_NAMES[Role(role)])


def _facts(gap: Gap, asked: Question) -> dict[str, str]:
    """Everything a wording may name, for those facts that are known."""
    found = {}
    for key, value in (gap.detail or {}).items():
        if value and key in _TOLD:
            name, tell = _TOLD[key]
            found[name] = tell(value)
    if gap.detail and gap.detail.get("status") == "suspended":
        found["paused"] = found["status"]
    if found.get("due", "9") < str(asked.start):
        found["overdue"] = found.pop("due")
    if not asked.task:
        pass
    elif gap.starts and gap.starts > asked.start:
        found |= {"before": str(gap.starts - ONE_DAY), "end": str(asked.end - ONE_DAY)}
    elif gap.ends and gap.ends < asked.end:
        found |= {"resumes": str(gap.ends)}
    return {name: words for name, words in found.items() if words}


def _word(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda code: _(names[code]) if code in names else ""


def _day_before(day: str) -> str:
    return str(date.fromisoformat(day) - ONE_DAY)


def _all_fields(codes: Iterable[str]) -> str:
    return _("、").join(_(FIELD_NAMES[code]) if code in FIELD_NAMES else code for code in codes)


# What a gap's detail says: the name it has in the wordings, and how it is told.
_TOLD: dict[str, tuple[str, Callable[[Any], str]]] = {
    "number": ("number", str),
    "since": ("since", str),
    "due_on": ("due", str),
    "valid_from": ("begins", str),
    "valid_to": ("last", _day_before),
    "unit_name": ("unit", str),
    "status": ("status", _word(_STATUS_NAMES)),
    "type": ("type", _word(_TYPE_NAMES)),
    "role": ("role", role_name),
    "field": ("field", _word(FIELD_NAMES)),
    "fields": ("fields", _all_fields),
    "posted_to": ("posted_until", _day_before),
    "posted_from": ("posted_from", str),
}
