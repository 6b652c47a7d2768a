"""Reading people: the list and its filters. One page is one statement, however many rows it has."""

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from chizheng.kernel.access import Relation, Scope
from chizheng.kernel.db import fetch
from chizheng.kernel.paging import Page, window
from personnel.certificates.queries import state_on_day
from personnel.certificates.rules import State, tidy_number
from personnel.officers.names import typed
from personnel.postings.queries import present_posting
from personnel.scope import in_personal_reach, in_reach, reach
from personnel.units.queries import escaped

NO_CERTIFICATE: Final = "none"


class Row(
    msgspec.Struct, frozen=True, rename={"certificate_from": "valid_from", "certificate_to": "valid_to"}
):
    """One person of a list on the day asked. `id_number` is masked, and empty for who only uses people."""

    id: UUID
    name: str
    id_number: str
    service: str | None
    establishment: str | None
    owner_name: str | None
    manager_name: str | None
    user: UUID | None
    user_name: str | None
    post: str | None
    posted: bool
    certificate: UUID | None
    number: str | None
    fields: list[str]
    certificate_from: date | None
    certificate_to: date | None
    state: str
    due_on: date | None
    barred_next: date | None

    @property
    def replaced_by(self) -> None:
        """A list shows the certificate that counts."""

    @property
    def valid_from(self) -> date:
        """For the certificate's sentence; only asked when there is one."""
        return self.certificate_from or date.min

    @property
    def valid_to(self) -> date:
        """For the certificate's sentence; only asked when there is one."""
        return self.certificate_to or date.max


class Filters(msgspec.Struct, frozen=True):
    """What a list of people is narrowed to; empty means all. `certificate` is a state or `none`; `posted` leaves out
    those whose posting to the unit does not hold that day.
    """

    text: str = ""
    unit: UUID | None = None
    relation: Relation = Relation.ANY
    field: str = ""
    certificate: str = ""
    establishment: str = ""
    service: str = ""
    sort: str = "name"
    posted: bool = False


HOLDS: Final = "superseded_at IS NULL AND daterange(valid_from, valid_to) @> $6::date"
POST: Final = f"""
     LEFT JOIN {present_posting("o.id", "$6")} at_post ON true
     LEFT JOIN unit at_unit ON at_unit.id = at_post.user_unit"""
CERTIFICATE: Final = """
     LEFT JOIN LATERAL (
         SELECT * FROM certificate held WHERE held.officer = o.id AND held.superseded_at IS NULL
         ORDER BY held.valid_from <= $6 DESC, abs(held.valid_from - $6) LIMIT 1) c ON true"""
STATE: Final = f"""
     LEFT JOIN {state_on_day("c", "$6")} s ON true"""
COLUMNS: Final = f"""
SELECT o.id, o.name, CASE WHEN {in_personal_reach("o.id")} THEN o.id_number_masked ELSE '' END,
       (SELECT status FROM service WHERE officer = o.id AND {HOLDS}),
       (SELECT type FROM establishment WHERE officer = o.id AND {HOLDS}),
       owner.name, manager.name, at_unit.id, at_unit.name, at_post.post, COALESCE(at_post.holds, false),
       c.series, c.number, COALESCE(c.fields, '{{}}'), c.valid_from, c.valid_to,
       CASE WHEN c.series IS NULL THEN '{NO_CERTIFICATE}' ELSE s.state END, s.due_on, s.barred_next, found.total
FROM found JOIN officer o ON o.id = found.id {POST}
     LEFT JOIN unit owner ON owner.id = at_post.owner_unit
     LEFT JOIN unit manager ON manager.id = at_post.manager_unit {CERTIFICATE} {STATE}"""
SORTS: Final = {
    "name": "o.pinyin, o.name, o.id",
    "-name": "o.pinyin DESC, o.name DESC, o.id",
    "unit": "at_unit.position, at_unit.name, o.pinyin, o.id",
    "-unit": "at_unit.position DESC, at_unit.name DESC, o.pinyin, o.id",
    "until": "c.valid_to NULLS LAST, o.pinyin, o.id",
    "-until": "c.valid_to DESC NULLS LAST, o.pinyin, o.id",
}
WHERE_UNIT: Final = {
    Relation.OWNER: "p.owner_unit",
    Relation.MANAGER: "p.manager_unit",
    Relation.USER: "p.user_unit",
    Relation.ANY: "p.owner_unit, p.manager_unit, p.user_unit",
}

_STANDS: Final = (
    "EXISTS (SELECT FROM standing_posting p"
    " JOIN unit_ancestor a ON a.unit IN ({{}}) WHERE p.officer = o.id AND a.ancestor = ?{})"
)
AT_UNIT: Final = {
    False: _STANDS.format(""),
    True: _STANDS.format(" AND daterange(p.valid_from, p.valid_to) @> $6::date"),
}


async def list_officers(
    scope: Scope, filters: Filters, day: date, number: int = 1, size: int = 25
) -> Page[Row]:
    """A page of people in reach, as they stand on that day: those with the text in their name, its pinyin or initials,
    or in a certificate's number. A page beyond the last one gives the first.
    """
    values: list[Any] = [*reach(scope), day]
    conditions = ""
    for condition, value in _conditions(filters):
        values.append(value)
        conditions += " AND " + condition.replace("?", f"${len(values)}")
    limit, offset = window(number, size)
    order = SORTS.get(filters.sort, SORTS["name"])
    rows = await fetch(
        f"WITH found AS MATERIALIZED (SELECT o.id, count(*) OVER () AS total FROM officer o {_joins(filters)}"
        f" WHERE o.withdrawn_at IS NULL AND $6::date IS NOT NULL AND {in_reach('o.id')}{conditions}"
        f" ORDER BY {order} LIMIT {limit} OFFSET {offset}) {COLUMNS} ORDER BY {order}",
        *values,
    )
    if not rows and number > 1:
        return await list_officers(scope, filters, day, 1, size)
    return Page(
        [Row(*tuple(row)[:-1]) for row in rows], rows[0]["total"] if rows else 0, max(number, 1), limit
    )


def _joins(filters: Filters) -> str:
    """What finding and ordering need; what only the shown rows need is joined to the page alone."""
    joins = POST if filters.sort.lstrip("-") == "unit" else ""
    if filters.field or filters.certificate or filters.sort.lstrip("-") == "until":
        joins += CERTIFICATE
    return joins + (STATE if filters.certificate else "")


def _conditions(filters: Filters) -> list[tuple[str, Any]]:
    found = _text_conditions(filters.text)
    if filters.unit:
        found.append((AT_UNIT[filters.posted].format(WHERE_UNIT[filters.relation]), filters.unit))
    if filters.field:
        found.append(("(?::text = ANY (c.fields) OR (c.series IS NULL AND o.field = ?))", filters.field))
    if filters.certificate in {NO_CERTIFICATE, *State}:
        found.append(
            (f"CASE WHEN c.series IS NULL THEN '{NO_CERTIFICATE}' ELSE s.state END = ?", filters.certificate)
        )
    for table, column, value in (
        ("establishment", "type", filters.establishment),
        ("service", "status", filters.service),
    ):
        if value:
            found.append((f"(SELECT {column} FROM {table} WHERE officer = o.id AND {HOLDS}) = ?", str(value)))
    return found


def _text_conditions(text: str) -> list[tuple[str, Any]]:
    """A word with Chinese in it is part of a name; any other is read as pinyin, initials or a number. Signs that are
    read as nothing find nobody.
    """
    found: list[tuple[str, Any]] = []
    if not text.strip():
        return found
    if any("\u3400" <= letter <= "\u9fff" for letter in text):
        return [("o.name LIKE ?", f"%{escaped(''.join(text.split()))}%")]
    wanted = escaped(typed(text))
    if not wanted:
        return [("?::boolean", False)]
    like = f"%{wanted}%"
    number = f"%{escaped(tidy_number(text))}%"
    numbers = "EXISTS (SELECT FROM certificate n WHERE n.officer = o.id AND upper(n.number) LIKE upper(?))"
    if any(letter.isdigit() for letter in text):
        return [(numbers, number)]
    return [(f"(o.pinyin LIKE ? OR o.initials LIKE ? OR lower(o.name) LIKE ? OR {numbers})", like)]
