"""One person's file: who they are, how they stand, and everything on record with both its times."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch_as, one_as
from chizheng.kernel.errors import NotFound
from chizheng.kernel.i18n import _
from personnel.certificates.queries import (
    Certificate,
    Happening,
    Version,
    certificates_of,
    events_of,
    versions_of,
)
from personnel.postings.queries import WHO, Posting, postings_of
from personnel.scope import in_personal_reach, in_reach, reach

RENAMED = {"valid_from": "from", "valid_to": "to"}


class Person(msgspec.Struct, frozen=True):
    """Who somebody is. Identity and phone numbers are masked, and empty for who only uses the person."""

    id: UUID
    name: str
    sex: str | None
    born: date | None
    id_number: str
    phone: str
    ethnicity: str | None
    politics: str | None
    education: str | None
    rank_title: str | None
    field: str | None
    remark: str
    personal: bool


class Standing(msgspec.Struct, frozen=True, rename=RENAMED):
    """A fact of somebody's standing in one of its versions. `value` is a service status, an establishment type or the
    number of a legal qualification, as `of` says.
    """

    of: str
    id: UUID
    value: str
    valid_from: date
    valid_to: date | None
    reason: str
    document_no: str
    recorded_at: datetime
    superseded_at: datetime | None
    recorded_by: str | None

    def holds_on(self, day: date) -> bool:
        """Whether it counts and holds that day."""
        begun = self.superseded_at is None and self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)


class File(msgspec.Struct, frozen=True):
    """Everything about one person, all versions, the latest first."""

    person: Person
    standing: list[Standing]
    postings: list[Posting]
    certificates: list[Certificate]
    events: list[Happening]
    versions: list[Version]

    def value_on(self, of: str, day: date) -> str | None:
        """The service status, establishment type or legal qualification of a day."""
        return next((fact.value for fact in self.standing if fact.of == of and fact.holds_on(day)), None)


PERSONAL = in_personal_reach("o.id")
PERSON = f"""
SELECT o.id, o.name, o.sex, CASE WHEN {PERSONAL} THEN o.born END,
       CASE WHEN {PERSONAL} THEN o.id_number_masked ELSE '' END, o.phone_masked,
       CASE WHEN {PERSONAL} THEN o.ethnicity END, CASE WHEN {PERSONAL} THEN o.politics END,
       o.education, o.rank_title, o.field, CASE WHEN {PERSONAL} THEN o.remark ELSE '' END, {PERSONAL}
FROM officer o WHERE o.id = $6 AND o.withdrawn_at IS NULL AND {in_reach("o.id")}"""
STANDING = " UNION ALL ".join(
    f"SELECT '{table}', f.series, f.{column}, f.valid_from, f.valid_to, {texts}, f.recorded_at, f.superseded_at,"
    f" {WHO.format('f')} FROM {table} f WHERE f.officer = $1"
    for table, column, texts in (
        ("service", "status", "f.reason, f.document_no"),
        ("establishment", "type", "'', ''"),
        ("legal_qualification", "number", "'', ''"),
    )
)


async def officer_file(scope: Scope, officer: UUID, day: date) -> File:
    """The file of somebody in reach, certificates in their state of that day; NotFound for anybody else."""
    person = await one_as(Person, PERSON, *reach(scope), officer)
    if person is None:
        raise NotFound(_("这名人员"))
    return File(
        person=person,
        standing=await fetch_as(Standing, STANDING + " ORDER BY 4 DESC, 8 DESC", officer),
        postings=await postings_of(officer),
        certificates=await certificates_of(officer, day),
        events=await events_of(officer),
        versions=await versions_of(officer),
    )


def only_live(facts: list[Any]) -> list[Any]:
    """The versions that count."""
    return [fact for fact in facts if fact.superseded_at is None]
