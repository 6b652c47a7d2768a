"""Imports: the file as it came, what was found in each row, what became of it."""

from piccolo.columns import JSONB, UUID, Boolean, Bytea, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class ImportBatch(Table):
    """One uploaded roster. States: reading, previewed, committing, committed, undone,
    discarded, failed. While it is being committed, `committed_at` is when that began.

    `original` is the file as it came, sealed: it is full of identity numbers.
    """

    id = UUID(primary_key=True, default=UUID4())
    filename = Varchar(200)
    sha256 = Varchar(64)
    original = Bytea(null=True, default=None)
    state = Varchar(20)
    by = UUID(null=True, default=None)
    at = Timestamptz()
    committed_at = Timestamptz(null=True, default=None)
    undone_at = Timestamptz(null=True, default=None)
    valid_rows_only = Boolean(default=False)
    progress = Integer(default=0)
    total = Integer(default=0)
    summary = JSONB(null=True, default=None)
    failure = Varchar(500, default="")


class ImportRow(Table):
    """One row of the sheet. Levels: ok, repaired, warning, error. Outcomes: created, changed, unchanged, refused;
    planned until the batch is committed, done afterwards. `changes` are they in coded words, `overwrote` the
    officer's columns before and after. No whole ID number stands here.
    """

    id = UUID(primary_key=True, default=UUID4())
    batch = ForeignKey(ImportBatch, null=False, on_delete=OnDelete.restrict)
    sheet_row = Integer()
    name = Varchar(60, default="")
    level = Varchar(10)
    problems = JSONB()
    outcome = Varchar(20, default="")
    officer = UUID(null=True, default=None)
    changes = JSONB(null=True, default=None)
    overwrote = JSONB(null=True, default=None)
