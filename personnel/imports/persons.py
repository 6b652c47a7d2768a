"""What one row of a roster says about a person, their posting and their certificate."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from chizheng.kernel.spreadsheets import Cell, Kind
from personnel.identity import Fault, IdNumber, Sex, parse_id_number
from personnel.imports.cells import Reading, Unreadable, day_of, digits_of, name_of, text_of, yes_or_no
from personnel.imports.directory import Directory, How, KnownUnit, UnitFinder
from personnel.imports.problems import Level
from personnel.imports.row import RowReader
from personnel.imports.words import (
    CERTIFICATE_STATES,
    ESTABLISHMENTS,
    OUTSIDE,
    POSTS,
    SEXES,
    closest,
    word_of,
)

PHONE: Final = re.compile(r"1\d{10}|(0\d{2,3}-?)?\d{7,8}(-\d{1,5})?")
CERTIFICATE: Final = re.compile(r"[0-9A-Za-z一-鿿()\[\]〔〕\-/.]{4,40}")
BETWEEN_FIELDS: Final = re.compile(r"[、,;/和及+\s]+")
ONE_DAY: Final = timedelta(days=1)


class RosterValues(msgspec.Struct, frozen=True):
    """A row's values; None where the sheet says nothing (which never erases what is known) or cannot be read.
    `posted_to` and `valid_to` are the first day no longer covered: 期满时间 is that day, 有效期至 the day before.
    Codes as in the tables. Sex and day of birth come from the identity number.
    """

    name: str | None = None
    id_number: str | None = None
    sex: Sex | None = None
    born: date | None = None
    ethnicity: str | None = None
    politics: str | None = None
    education: str | None = None
    establishment: str | None = None
    rank_title: str | None = None
    fields: tuple[str, ...] = ()
    owner_unit: UUID | None = None
    manager_unit: UUID | None = None
    user_unit: UUID | None = None
    post: str | None = None
    posted_from: date | None = None
    posted_to: date | None = None
    certificate_number: str | None = None
    certificate_authority: str | None = None
    issued_on: date | None = None
    valid_to: date | None = None
    certificate_state: str | None = None
    legal_qualified: bool | None = None
    legal_number: str | None = None
    phone: str | None = None
    remark: str | None = None

    @property
    def field(self) -> str | None:
        """The speciality: the first field named."""
        return self.fields[0] if self.fields else None


LEAST_AGE: Final = 16  # nobody younger is employed by anybody (劳动法 15)


def read_person(row: RowReader, directory: Directory, finder: UnitFinder) -> RosterValues:
    """Everything the row says; what is wrong with it is in `row.problems` afterwards."""
    name = row.take("name", name_of)
    identity = _identity(row)
    if identity and _age(identity.born, directory.today) < LEAST_AGE:
        row.error("id_number", "id_born_lately")
    index = directory.blind(identity.number) if identity else None
    known = index is not None and index in directory.people
    owner, manager, user = _units(row, finder, known=known)
    establishment = row.take(
        "establishment", partial(word_of, known=ESTABLISHMENTS, unknown="unknown_establishment")
    )
    if not establishment and not known and row.cell("establishment").kind is Kind.BLANK:
        row.error("establishment", "establishment_missing")
    values = RosterValues(
        name=name,
        id_number=identity.number if identity else None,
        sex=_sex(row, identity),
        born=_born(row, identity),
        ethnicity=row.text("ethnicity"),
        politics=row.text("politics"),
        education=row.text("education"),
        establishment=establishment,
        rank_title=row.text("rank_title"),
        fields=row.take("field", partial(_fields, known=directory.fields)) or (),
        owner_unit=owner,
        manager_unit=manager,
        user_unit=user,
        post=row.take("post", partial(word_of, known=POSTS, unknown="unknown_post")),
        legal_qualified=_legally_qualified(row),
        legal_number=row.take("legal_number", partial(digits_of, lost="number_lost_precision")) or None,
        phone=_phone(row),
        remark=row.text("remark"),
    )
    values = _with_posting(row, values, known=known)
    return _with_certificate(row, values, directory, index)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _identity(row: RowReader) -> IdNumber | None:
    def read(cell: Cell) -> Reading[IdNumber]:
        if cell.kind is Kind.NUMBER and isinstance(cell.value, int | float):
            parsed = parse_id_number(cell.value)
        else:
            text_of(cell)
            parsed = parse_id_number(str(cell.value) if cell.kind is Kind.TEXT else "")
        if isinstance(parsed, Fault):
            raise Unreadable(parsed.value)
        return Reading(parsed, tuple(repair.value for repair in parsed.repairs))

    return row.take("id_number", read)


def _sex(row: RowReader, identity: IdNumber | None) -> Sex | None:
    said = row.take("sex", partial(word_of, known=SEXES, unknown="sex_unreadable"))
    if identity and said and said != identity.sex:
        row.note("sex", "sex_contradicts_id", Level.WARNING)
    if identity:
        return identity.sex
    return "male" if said == "male" else "female" if said == "female" else None


def _born(row: RowReader, identity: IdNumber | None) -> date | None:
    """The identity number says it; the column, often only year and month, is held against it."""
    if identity is None:
        return None
    cell = row.cell("born")
    try:
        said = day_of(cell, date1904=row.date1904)
    except Unreadable as unreadable:
        october = unreadable.code == "date_ambiguous" and cell.value == identity.born.year + 0.1
        if not (october and identity.born.month in (1, 10)):
            row.note("born", "born_unreadable", Level.WARNING)
        return identity.born
    month_only = any(code.startswith("date_month_only") for code in said.repairs)
    expected = identity.born.replace(day=1) if month_only else identity.born
    if said.value and said.value != expected and not _first_of_same_month(said.value, identity.born):
        row.note("born", "born_contradicts_id", Level.WARNING)
    return identity.born


def _first_of_same_month(said: date, born: date) -> bool:
    """A cell formatted as year and month holds the month's first day."""
    return said.day == 1 and (said.year, said.month) == (born.year, born.month)


def _units(
    row: RowReader, finder: UnitFinder, *, known: bool
) -> tuple[UUID | None, UUID | None, UUID | None]:
    owner = _unit(row, "owner_unit", finder)
    if owner is None and not known and row.cell("owner_unit").kind is Kind.BLANK:
        row.error("owner_unit", "owner_unit_missing")
    manager = _unit(row, "manager_unit", finder)
    user = _user_unit(row, finder, manager)
    if manager and user and not finder.is_within(user, manager):
        row.note("user_unit", "user_unit_elsewhere", Level.WARNING, user=user.name, manager=manager.name)
    return (
        owner.id if owner else None,
        manager.id if manager else None,
        user.id if user else None,
    )


def _unit(row: RowReader, column: str, finder: UnitFinder) -> KnownUnit | None:
    name = _unit_name(row, column)
    if not name:
        return None
    towns = column == "manager_unit"
    found = finder.find_town(name) if towns else finder.find(name)
    if found is None:
        close = "、".join(finder.similar(name, towns=towns))
        row.error(column, "unknown_town" if towns else "unknown_unit", value=name[:40], known=close)
        return None
    if found[1] is How.ALIAS:
        row.note(column, "town_alias" if towns else "unit_alias", Level.REPAIRED, read_as=found[0].name)
    return found[0]


def _user_unit(row: RowReader, finder: UnitFinder, manager: KnownUnit | None) -> KnownUnit | None:
    """Under an unknown town the user unit is not complained of again: it bears the same name."""
    name = _unit_name(row, "user_unit")
    if not name:
        return None
    found = finder.find_user(name, manager)
    if found is None:
        town = row.cell("manager_unit").value
        if manager is None and isinstance(town, str) and name.startswith("".join(town.split())):
            return None
        row.error(
            "user_unit", "unknown_unit", value=name[:40], known="、".join(finder.similar(name, towns=False))
        )
        return None
    if found[1] is How.ALIAS:
        row.note("user_unit", "unit_alias", Level.REPAIRED, read_as=found[0].name)
    return found[0]


def _unit_name(row: RowReader, column: str) -> str:
    text = row.text(column) or ""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _fields(cell: Cell, known: Mapping[str, str]) -> Reading[tuple[str, ...]]:
    reading = text_of(cell)
    words = [word for word in BETWEEN_FIELDS.split(unicodedata.normalize("NFKC", reading.value)) if word]
    for word in words:
        if word not in known:
            raise Unreadable("unknown_field", value=word[:30], known="、".join(closest(word, known)))
    return Reading(tuple(dict.fromkeys(known[word] for word in words)), reading.repairs)


def _legally_qualified(row: RowReader) -> bool | None:
    said = row.take("legal_qualified", yes_or_no)
    return True if said is None and row.cell("legal_number").kind is not Kind.BLANK else said


def _phone(row: RowReader) -> str | None:
    number = row.take("phone", partial(digits_of, lost="number_lost_precision"))
    if not number or PHONE.fullmatch(number):
        return number or None
    row.note("phone", "phone_unreadable", Level.WARNING)
    return None


def _with_posting(row: RowReader, values: RosterValues, *, known: bool) -> RosterValues:
    read = partial(day_of, date1904=row.date1904)
    start, end = row.take("posted_from", read), row.take("posted_to", read)
    placed = values.manager_unit or values.user_unit
    if placed and start is None and not known and row.cell("posted_from").kind is Kind.BLANK:
        row.error("posted_from", "posting_start_missing")
    if start and end and end <= start:
        row.error("posted_to", "ends_before_start", start=start.isoformat(), end=end.isoformat())
    return msgspec.structs.replace(values, posted_from=start, posted_to=end)


def _with_certificate(
    row: RowReader, values: RosterValues, directory: Directory, index: bytes | None
) -> RosterValues:
    number = _certificate_number(row)
    issued = row.take("issued_on", partial(day_of, date1904=row.date1904))
    last = row.take("valid_to", partial(day_of, date1904=row.date1904, end_of_month=True))
    state = row.take("certificate_state", partial(word_of, known=CERTIFICATE_STATES, unknown="unknown_state"))
    if issued and last and last < issued:
        row.error("valid_to", "expires_before_issued", issued=issued.isoformat(), expires=last.isoformat())
    if number:
        _judge_certificate(row, values, directory, number, index)
    elif (issued or last or state) and row.cell("certificate_number").kind is Kind.BLANK:
        row.error("certificate_number", "certificate_number_missing")
    return msgspec.structs.replace(
        values,
        certificate_number=number,
        certificate_authority=row.text("certificate_authority"),
        issued_on=issued,
        valid_to=last + ONE_DAY if last else None,
        certificate_state=state,
    )


def _certificate_number(row: RowReader) -> str | None:
    number = row.take("certificate_number", partial(digits_of, lost="certificate_lost_precision"))
    if number and not CERTIFICATE.fullmatch(number):
        row.error("certificate_number", "certificate_number_odd")
        return None
    return number or None


def _judge_certificate(
    row: RowReader, values: RosterValues, directory: Directory, number: str, index: bytes | None
) -> None:
    holder = directory.certificates.get(number)
    if holder is not None and index is not None and holder != index:
        row.error("certificate_number", "certificate_number_shared")
    if holder is None:
        for column in ("issued_on", "valid_to"):
            if row.cell(column).kind is Kind.BLANK:
                row.error(column, "certificate_date_missing")
    if values.establishment in OUTSIDE:
        row.note("establishment", "contract_staff_with_certificate", Level.WARNING)
