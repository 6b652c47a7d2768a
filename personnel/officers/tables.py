"""Officers, the gate's lock row, and the facts of their standing."""

from piccolo.columns import UUID, BigInt, Bytea, Date, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from chizheng.kernel.facts import Fact
from personnel.units.tables import Field


class Officer(Table):
    """A person. ID and phone numbers are sealed; the masked forms are what most people see."""

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(60, index=True)
    pinyin = Varchar(120, default="")
    initials = Varchar(20, default="")
    sex = Varchar(6, null=True, default=None)
    born = Date(null=True, default=None)
    id_number = Bytea(null=True, default=None)
    id_number_index = Bytea(null=True, default=None, unique=True)
    id_number_masked = Varchar(18, default="")
    phone = Bytea(null=True, default=None)
    phone_masked = Varchar(20, default="")
    ethnicity = Varchar(20, null=True, default=None)
    politics = Varchar(20, null=True, default=None)
    education = Varchar(20, null=True, default=None)
    rank_title = Varchar(40, null=True, default=None)
    field = ForeignKey(Field, null=True, default=None, on_delete=OnDelete.restrict)
    remark = Text(default="")
    recorded_at = Timestamptz()
    recorded_by = UUID(null=True, default=None)
    batch = UUID(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)


class OfficerGate(Table):
    """One narrow row per officer: whoever writes a fact of theirs, or an assignment, takes a turn here first."""

    officer = ForeignKey(Officer, primary_key=True, on_delete=OnDelete.restrict)
    turn = BigInt(default=0)


class Service(Fact, Table):
    """In service, suspended from duty, left, retired or dismissed (公务员法)."""

    officer = ForeignKey(Officer, null=False, on_delete=OnDelete.restrict)
    status = Varchar(20)
    reason = Varchar(500, default="")
    document_no = Varchar(100, default="")


class Establishment(Fact, Table):
    """Which kind of post the person fills 编制性质."""

    officer = ForeignKey(Officer, null=False, on_delete=OnDelete.restrict)
    type = Varchar(30)


class LegalQualification(Fact, Table):
    """法律职业资格, which a first-time legal reviewer needs (行政处罚法 58)."""

    officer = ForeignKey(Officer, null=False, on_delete=OnDelete.restrict)
    number = Varchar(60, default="")
