"""Writing the invented people and their facts. Expects an open transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from chizheng.kernel import keys
from chizheng.kernel.db import execute, execute_many
from chizheng.kernel.ids import new_id
from chizheng.service.demo.facts import Career
from chizheng.service.demo.people import Person
from personnel.identity import mask, mask_phone
from personnel.officers.names import reading_of

AUTHORITY = "常州市武进区人民政府"

Units = Mapping[str, UUID]


async def people_the_district(
    people: Sequence[Person], careers: Sequence[Career], units: Units, root: UUID, today: date
) -> None:
    """Officers first, then each kind of fact."""
    ids = [new_id() for _ in people]
    numbered = list(zip(ids, people, careers, strict=True))
    await _insert("officer", _OFFICER, [_officer(officer, person) for officer, person, _career in numbered])
    await _take_on(numbered)
    await _insert("posting", _POSTING, _postings(numbered, units))
    await _certify(numbered, units, root, today)
    # what the facts set off is done now, while nobody has any duty yet, and again at the end of the transaction
    await execute("SET CONSTRAINTS ALL IMMEDIATE")
    await execute("SET CONSTRAINTS ALL DEFERRED")


_OFFICER = (
    "id", "name", "pinyin", "initials", "sex", "born", "id_number", "id_number_index", "id_number_masked", "phone",
    "phone_masked", "ethnicity", "politics", "education", "rank_title", "field",
)  # fmt: skip
_POSTING = (
    "officer", "kind", "owner_unit", "manager_unit", "user_unit", "post", "valid_from", "valid_to",
    "document_no", "reason",
)  # fmt: skip
_CERTIFICATE = (
    "officer", "series", "number", "fields", "area", "authority", "issued_on", "valid_from", "valid_to",
)  # fmt: skip
_EVENT = ("officer", "certificate", "verb", "valid_from", "valid_to", "due_on", "reason", "document_no")

Numbered = Sequence[tuple[UUID, Person, Career]]
Values = tuple[object, ...]


async def _take_on(numbered: Numbered) -> None:
    """Establishment, service, legal qualification."""
    await _insert(
        "establishment",
        ("officer", "type", "valid_from"),
        [(officer, person.establishment, person.hired) for officer, person, _career in numbered],
    )
    await _insert(
        "service",
        ("officer", "status", "valid_from", "valid_to", "reason"),
        [
            (officer, span.status, span.start, span.end, span.reason)
            for officer, _, career in numbered
            for span in career.served
        ],
    )
    await _insert(
        "legal_qualification",
        ("officer", "number", "valid_from"),
        [
            (officer, f"A{2000 + number}320412{number:05d}", career.qualified_on)
            for number, (officer, _person, career) in enumerate(numbered)
            if career.qualified_on
        ],
    )


def _officer(officer: UUID, person: Person) -> Values:
    number, reading = person.id_number, reading_of(person.name)
    return (
        officer, person.name, reading.pinyin, reading.initials, person.sex, person.born,
        keys.seal(number), keys.blind(number), mask(number), keys.seal(person.phone), mask_phone(person.phone),
        person.ethnicity, person.politics, person.education, person.rank_title, person.field,
    )  # fmt: skip


def _postings(numbered: Numbered, units: Units) -> list[Values]:
    return [
        (officer, span.kind, units[person.team], units[span.manager], units[span.user], span.post, span.start, span.end,
         span.document_no, span.reason)
        for officer, person, career in numbered
        for span in career.posted
    ]  # fmt: skip


async def _certify(numbered: Numbered, units: Units, root: UUID, today: date) -> None:
    held = [(officer, span, new_id()) for officer, _person, career in numbered for span in career.certified]
    certificates = [
        (officer, series, f"320412{span.start:%y}{number:04d}", list(span.fields),
         units[span.area] if span.area else root, AUTHORITY, min(span.start, today), span.start, span.end)
        for number, (officer, span, series) in enumerate(held, 1)
    ]  # fmt: skip
    await _insert("certificate", _CERTIFICATE, certificates)
    events = [
        (officer, series, event.verb, event.start, event.end, event.due_on, event.reason, event.document_no)
        for officer, span, series in held
        for event in span.events
    ]
    await _insert("certificate_event", _EVENT, events)


async def _insert(table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    await execute_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", list(rows))
