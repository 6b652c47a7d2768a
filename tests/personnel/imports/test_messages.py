"""Every problem has its sentence, and the sentence its facts."""

import ast
from pathlib import Path

import personnel.imports
from personnel.identity import Fault, Repair
from personnel.imports.cells import SPELLINGS
from personnel.imports.messages import SENTENCES, explain, explain_row, marks_of
from personnel.imports.problems import Level, Problem
from tests.personnel.imports.stage import CHEN, HEAD, LIN, changed, one, read

READERS = ("cells", "headings", "persons", "roster", "row", "words")
SAYING = {"Unreadable": 0, "Problem": 0, "error": 1, "note": 1}
"""What names a code, and which of its arguments is the code."""


def codes_in(path: Path) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    said = [(call, SAYING.get(getattr(call.func, "id", getattr(call.func, "attr", "")))) for call in calls]
    codes = [call.args[at] for call, at in said if at is not None and len(call.args) > at]
    return {code.value for code in codes if isinstance(code, ast.Constant)}


def test_every_code_of_the_readers_has_a_sentence() -> None:
    package = Path(personnel.imports.__file__).parent
    said = set[str]().union(*(codes_in(package / f"{name}.py") for name in READERS))
    assert {"duplicate_person", "formula", "no_headings", "owner_unit_missing"} <= said
    repairs = {code for _pattern, code in SPELLINGS} | {
        "date_serial",
        "date_month_only",
        "date_month_only_end",
    }
    identity = {*(fault.value for fault in Fault), *(repair.value for repair in Repair)}
    assert (said | repairs | identity) - set(SENTENCES) == set()


def test_a_sentence_begins_with_its_place() -> None:
    row = one(姓名=None, 执法领域="农业农林")
    assert explain_row(row) == (
        "C2（姓名）：没有姓名：请补填；H2（执法领域）：没有“农业农林”这个执法领域。相近的有：农业农村"
    )
    missing = Problem("column_missing", Level.ERROR, "姓名", params={"column": "姓名"})
    assert explain(missing) == "缺少“姓名”一列：请补上这一列"


def test_marks_name_every_cell_and_the_worst_reason_of_a_cell_wins() -> None:
    roster = read(HEAD, CHEN, changed(LIN, 姓名="林 二", 派驻时间="2025.3.1", 性别="男"))
    marks, notes = marks_of(roster)
    assert {mark.cell: mark.level for mark in marks} == {"C3": "repaired", "L3": "repaired", "D3": "warning"}
    assert [(note.row, note.level) for note in notes] == [(3, "warning")]
