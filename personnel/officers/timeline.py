"""A person's file as one story: what began when, who recorded it, and a picture of it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec

from chizheng.kernel.i18n import _
from chizheng.kernel.templating import label, time
from personnel.certificates.labels import field_words
from personnel.certificates.queries import Happening
from personnel.certificates.rules import BARS
from personnel.officers.file import File, Standing
from personnel.officers.rules import IN_ESTABLISHMENT, Status
from personnel.postings.queries import Posting

MOST_YEARS = 8


class Entry(msgspec.Struct, frozen=True):
    """One line of the story, as the page's macro takes it."""

    when: date
    title: str
    text: str
    who: str
    kind: str
    href: str
    recorded: str
    counts: bool


def story(file: File) -> list[Entry]:
    """Every version of every fact, latest first; `counts` is false for what was corrected later."""
    numbers = {certificate.id: certificate.number for certificate in file.certificates}
    entries = [
        *(_standing(fact) for fact in file.standing),
        *(_posting(posting) for posting in file.postings),
        *(happening_entry(event, numbers.get(event.certificate, "")) for event in file.events),
    ]
    return sorted(entries, key=lambda entry: (entry.when, entry.recorded), reverse=True)


def picture(file: File, today: date) -> tuple[list[tuple[str, list[Any]]], date, date]:
    """Rows for the chart of spans, with its first and last day: service, posts, certificates and what bars them."""
    rows = [(name, list(reversed(parts))) for name, parts in _rows(file) if parts]
    starts = [part[0] for _name, parts in rows for part in parts]
    ends = [part[1] for _name, parts in rows for part in parts if part[1]]
    first = max(min(starts, default=today), today - timedelta(days=366 * MOST_YEARS))
    last = max(min(max(ends, default=today), today + timedelta(days=366 * 3)), today + timedelta(days=180))
    seen = [(name, [p for p in parts if (p[1] or last) > first and p[0] < last]) for name, parts in rows]
    return seen, first, last


def _rows(file: File) -> list[tuple[str, list[Any]]]:
    served = [(f.valid_from, f.valid_to, _mood(f), label(f.value, "service")) for f in _of(file, "service")]
    posted = [
        (p.valid_from, p.valid_to, "ink", p.user_name) for p in file.postings if p.superseded_at is None
    ]
    held = [(c.valid_from, c.valid_to, "cleared", field_words(c.fields)) for c in file.certificates]
    barred = [
        (e.valid_from, e.valid_to, "not_cleared", label(e.verb, "certificate_verb"))
        for e in file.events
        if e.superseded_at is None and e.verb in BARS
    ]
    return [(_("在职"), served), (_("派驻"), posted), (_("行政执法证"), held), (_("停用"), barred)]


def until(valid_to: date | None) -> str:
    """The end of a span in words: its last day, or that it is open."""
    return _("长期") if valid_to is None else _("至 %(last)s", last=valid_to - timedelta(days=1))


def _standing(fact: Standing) -> Entry:
    title = {
        "service": lambda: label(fact.value, "service"),
        "establishment": lambda: _("编制：%(type)s", type=label(fact.value, "establishment")),
        "legal_qualification": lambda: _("法律职业资格 %(number)s", number=fact.value),
    }[fact.of]()
    return _entry(fact, title, _joined(until(fact.valid_to), fact.reason, fact.document_no), _mood(fact))


def _posting(posting: Posting) -> Entry:
    title = _("%(kind)s：%(unit)s（%(post)s）", kind=label(posting.kind, "posting_kind"), unit=posting.user_name,
              post=label(posting.post, "post"))  # fmt: skip
    text = _joined(
        until(posting.valid_to),
        _("所属单位：%(owner)s", owner=posting.owner_name),
        _("管理单位：%(manager)s", manager=posting.manager_name),
        posting.reason,
        posting.document_no,
    )
    return _entry(posting, title, text, "neutral")


def happening_entry(event: Happening, number: str = "") -> Entry:
    """An event of a certificate; with the number where several certificates stand together."""
    title = label(event.verb, "certificate_verb")
    if number:
        title = _("证件 %(number)s：%(verb)s", number=number, verb=title)
    due = _("期限 %(day)s", day=event.due_on) if event.due_on else ""
    ended = until(event.valid_to) if event.valid_to else ""
    kind = "not_cleared" if event.verb in BARS else "cleared"
    text = _joined(ended, due, event.reason, event.document_no)
    return _entry(event, title, text, kind, f"/certificates/{event.certificate}")


def _entry(fact: Standing | Posting | Happening, title: str, text: str, kind: str, href: str = "") -> Entry:
    who = _("%(who)s于 %(at)s 记录", who=fact.recorded_by or _("系统"), at=time(fact.recorded_at))
    counts = fact.superseded_at is None
    if not counts:
        who = _("%(who)s，%(at)s 已更正", who=who, at=time(fact.superseded_at))
    return Entry(
        when=fact.valid_from, title=title, text=text, who=who, kind=kind if counts else "neutral", href=href,
        recorded=fact.recorded_at.isoformat(), counts=counts,
    )  # fmt: skip


def _mood(fact: Standing) -> str:
    if fact.of == "service":
        return "cleared" if fact.value == Status.ACTIVE else "not_cleared"
    if fact.of == "establishment":
        return "neutral" if fact.value in IN_ESTABLISHMENT else "not_cleared"
    return "neutral"


def _of(file: File, kind: str) -> list[Standing]:
    return [fact for fact in file.standing if fact.of == kind and fact.superseded_at is None]


def _joined(*parts: str) -> str:
    return _("；").join(_one_line(parts))


def _one_line(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part]
