"""Reading what the planner must know: the district's units, the people a sheet mentions, and their facts."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from chizheng.kernel import keys
from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch, fetch_as
from personnel.facts import COLUMNS
from personnel.imports.directory import Directory, KnownUnit
from personnel.imports.known import Fact, Person
from personnel.scope import in_reach, reach


async def district_of(today: date, people: Mapping[bytes, Person], numbers: Iterable[str]) -> Directory:
    """The district for the reader of the sheet: its units that stand or will stand, its fields, these people, and
    who holds which of these certificates.
    """
    units = await fetch_as(
        lambda unit, name, kind, parent, aliases: KnownUnit(unit, name, kind, parent, tuple(aliases)),
        "SELECT u.id, u.name, u.kind, u.parent,"
        " ARRAY(SELECT alias FROM unit_alias a WHERE a.unit = u.id ORDER BY alias)"
        " FROM unit u WHERE u.valid_to IS NULL OR u.valid_to > $1 ORDER BY u.position, u.name",
        today,
    )
    fields = {
        row["name"]: row["code"] for row in await fetch("SELECT name, code FROM field ORDER BY position")
    }
    held = await fetch(
        "SELECT c.number, COALESCE(o.id_number_index, uuid_send(o.id)) AS holder FROM certificate c"
        " JOIN officer o ON o.id = c.officer WHERE c.superseded_at IS NULL AND c.number = ANY ($1::text[])",
        list(numbers),
    )
    return Directory(
        units=tuple(units),
        fields=fields,
        blind=keys.blind,
        people=frozenset(index for index, person in people.items() if not person.withdrawn),
        certificates={row["number"]: row["holder"] for row in held},
        today=today,
    )


async def holders_of(numbers: Iterable[str]) -> dict[str, UUID]:
    """Which officer holds each of these certificates."""
    rows = await fetch(
        "SELECT number, officer FROM certificate WHERE superseded_at IS NULL AND number = ANY ($1::text[])",
        list(numbers),
    )
    return {row["number"]: row["officer"] for row in rows}


async def people_known(indexes: Iterable[bytes], scope: Scope) -> dict[bytes, Person]:
    """The officers with these identity numbers (by blind index), with all their live facts."""
    rows = await fetch(
        "SELECT o.id, o.id_number_index, o.phone, o.withdrawn_at IS NOT NULL AS withdrawn,"
        f" {in_reach('o.id', 2)} AS in_reach, to_jsonb(o) - '{{id_number,id_number_index}}'::text[] AS columns"
        " FROM officer o WHERE o.id_number_index = ANY ($1::bytea[])",
        list(indexes),
        *reach(scope),
    )
    facts = await facts_of(row["id"] for row in rows)
    return {
        row["id_number_index"]: Person(
            row["id"],
            row["columns"],
            keys.unseal(row["phone"]) if row["phone"] else None,
            row["withdrawn"],
            row["in_reach"],
            tuple(facts.get(row["id"], ())),
        )
        for row in rows
    }


async def facts_of(officers: Iterable[UUID]) -> dict[UUID, list[Fact]]:
    """The live facts of these officers."""
    each = (
        f"SELECT '{table}' AS kind, f.officer, f.id, f.series, f.valid_from, f.valid_to, to_jsonb(f) AS row"
        f" FROM {table} f WHERE f.superseded_at IS NULL AND f.officer = ANY ($1::uuid[])"
        for table in COLUMNS
    )
    found: dict[UUID, list[Fact]] = {}
    for row in await fetch(" UNION ALL ".join(each), list(officers)):
        values = {column: row["row"][column] for column in COLUMNS[row["kind"]]}
        fact = Fact(row["kind"], row["id"], row["series"], row["valid_from"], row["valid_to"], values)
        found.setdefault(row["officer"], []).append(fact)
    return found


async def units_within(scope: Scope) -> frozenset[UUID] | None:
    """The units a scope reaches, None for all of them."""
    if scope.everywhere:
        return None
    rows = await fetch("SELECT unit FROM unit_ancestor WHERE ancestor = ANY ($1::uuid[])", list(scope.units))
    return frozenset(row["unit"] for row in rows)
