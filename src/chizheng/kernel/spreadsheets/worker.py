"""The child process: `python -m chizheng.kernel.spreadsheets.worker JOB ORDERS LIMITS`, the workbook on stdin,
what to do with it behind the file descriptor ORDERS.

It limits itself first, then reads. Whatever happens it ends with one message: done, or refused with a code.
"""

import os
import resource
import sys
import zipfile
from typing import Any, BinaryIO, Final

import msgspec

from chizheng.kernel.spreadsheets.cells import Limits, Merge
from chizheng.kernel.spreadsheets.container import open_container
from chizheng.kernel.spreadsheets.outline import read_contents
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused
from chizheng.kernel.spreadsheets.rows import read_rows

BATCH: Final = 200


def main(job: str, orders: int, settings: str) -> None:
    """Does one job and says how it ended."""
    limits = msgspec.json.decode(settings, type=Limits)
    _confine(limits)
    with os.fdopen(orders, "rb") as task:
        instructions = task.read()
    answers = sys.stdout.buffer
    try:
        if job == "read":
            _read(sys.stdin.buffer, answers, limits)
        else:
            _mark(sys.stdin.buffer, answers, limits, instructions)
    except WorkbookRefused as refused:
        _say(answers, "refused", (refused.code, refused.details))
    except MemoryError:
        limit = limits.unpacked_bytes // 2**20
        refusal = ("too_large", {"limit": limit}) if job == "read" else ("cannot_mark", {})
        _say(answers, "refused", refusal)
    else:
        _say(answers, "done", None)


def _confine(limits: Limits) -> None:
    """No growth, no long work, no files, no core dump; set by the child itself, away from the parent's threads."""
    for what, limit in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


def _read(file: BinaryIO, answers: BinaryIO, limits: Limits) -> None:
    archive = open_container(file, limits)
    contents = read_contents(archive, limits)
    if not any(sheet.visible for sheet in contents.sheets):
        raise WorkbookRefused("no_sheets")
    _say(answers, "workbook", contents.date1904)
    for sheet in contents.sheets:
        _say(answers, "sheet", (sheet.name, sheet.visible))
        if sheet.visible:
            _send_rows(archive, sheet, contents, limits, answers)


def _send_rows(
    archive: zipfile.ZipFile, sheet: Any, contents: Any, limits: Limits, answers: BinaryIO
) -> None:
    rows: list[Any] = []
    for found in read_rows(archive, sheet, contents, limits):
        if isinstance(found, Merge):
            _say(answers, "merge", found)
            continue
        rows.append(found)
        if len(rows) == BATCH:
            _say(answers, "rows", rows)
            rows = []
    _say(answers, "rows", rows)


def _mark(file: BinaryIO, answers: BinaryIO, limits: Limits, instructions: bytes) -> None:
    from chizheng.kernel.spreadsheets.marks import mark  # only the marking job pays for it

    content = mark(open_container(file, limits), instructions, limits)
    for start in range(0, len(content), 2**20):
        _say(answers, "copy", content[start : start + 2**20])


def _say(answers: BinaryIO, kind: str, body: object) -> None:
    message = msgspec.msgpack.encode((kind, body))
    answers.write(len(message).to_bytes(4))
    answers.write(message)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
