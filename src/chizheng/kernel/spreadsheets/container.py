"""Looks at the archive before anything in it is parsed: is it a workbook at all, and one a stranger may send?"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Final
from xml.parsers import expat

from chizheng.kernel.spreadsheets.cells import Limits
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused

MEBIBYTE: Final = 2**20
OLE2: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET_TYPE: Final = "spreadsheetml.sheet.main+xml"
TEMPLATE_TYPE: Final = "spreadsheetml.template.main+xml"
ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ\x00")
XML_PART: Final = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
DRIVE: Final = re.compile(r"^[A-Za-z]:")
CHUNK: Final = 64 * 1024


def open_container(file: IO[bytes], limits: Limits) -> zipfile.ZipFile:
    """The archive, once it looks like a harmless workbook; WorkbookRefused otherwise."""
    _refuse_other_formats(file, limits)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise WorkbookRefused("damaged") from error
    entries = archive.infolist()
    _refuse_odd_entries(entries, limits)
    _refuse_wrong_kind(archive)
    for entry in entries:
        _refuse_odd_start(archive, entry)
    return archive


def _refuse_other_formats(file: IO[bytes], limits: Limits) -> None:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise WorkbookRefused("empty")
    if size > limits.file_bytes:
        raise WorkbookRefused("file_too_large", size=size // MEBIBYTE, limit=limits.file_bytes // MEBIBYTE)
    head = file.read(4096)
    if head.startswith(OLE2):
        file.seek(0)
        raise WorkbookRefused(**_what_ole2_is(file.read()))
    if not head.startswith(b"PK"):
        raise WorkbookRefused("not_a_workbook", what=_guess(head))
    file.seek(0)


def _what_ole2_is(content: bytes) -> dict[str, str]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return {"code": "encrypted"}
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return {"code": "old_xls"}
    if any(name.encode("utf-16-le") in content for name in ("WordDocument", "PowerPoint Document")):
        return {"code": "not_a_workbook", "what": "document"}
    return {"code": "old_xls"}


def _guess(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf"):
        return "pdf"
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<?xml")):
        return "html"
    if start.startswith((b"\x89png", b"\xff\xd8\xff", b"gif8")):
        return "image"
    if head.startswith(ARCHIVES):
        return "archive"
    if b"\x00" not in head and any(mark in head for mark in (b",", b"\t", b";", b"\n")):
        return "csv"
    return "other"


def _refuse_odd_entries(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Worksheets may be long: they are read as a stream that stops by itself (see sheets.py)."""
    names = [entry.filename for entry in entries]
    if len(entries) > limits.entries or len(set(names)) != len(names):
        raise WorkbookRefused("unsafe_content", part=f"{len(entries)}")
    for entry in entries:
        name = entry.filename
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or DRIVE.match(name):
            raise WorkbookRefused("unsafe_content", part=name[:80])
        if entry.flag_bits & 0x1:
            raise WorkbookRefused("encrypted")
        if entry.file_size > MEBIBYTE and entry.file_size > limits.ratio * max(1, entry.compress_size):
            raise WorkbookRefused("zip_bomb", part=name[:80])
    others = sum(entry.file_size for entry in entries if "/worksheets/" not in entry.filename)
    if others > limits.unpacked_bytes:
        raise WorkbookRefused("too_large", limit=limits.unpacked_bytes // MEBIBYTE)


def _refuse_wrong_kind(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "mimetype" in names and b"opendocument" in _head(archive, "mimetype"):
        raise WorkbookRefused("not_a_workbook", what="ods")
    if "[Content_Types].xml" not in names:
        raise WorkbookRefused("not_a_workbook", what="archive")
    types = read_part(archive, "[Content_Types].xml", MEBIBYTE).decode("utf-8", "replace")
    if "macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WorkbookRefused("macros")
    if "sheet.binary" in types:
        raise WorkbookRefused("not_a_workbook", what="xlsb")
    if SHEET_TYPE not in types and TEMPLATE_TYPE not in types:
        raise WorkbookRefused("not_a_workbook", what="document")


def _refuse_odd_start(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """No part is an archive again (embedded objects are never opened), no XML part declares entities."""
    if "/embeddings/" in entry.filename or entry.is_dir():
        return
    if XML_PART.search(entry.filename):
        _refuse_declarations(archive, entry.filename)
    elif _head(archive, entry.filename).startswith(ARCHIVES):
        raise WorkbookRefused("unsafe_content", part=entry.filename[:80])


def _refuse_declarations(archive: zipfile.ZipFile, name: str) -> None:
    """A document type can only stand before the root element, so reading stops there. Expat reads the part as
    the real parser will, whatever its encoding.
    """
    parser = expat.ParserCreate()
    started: list[str] = []

    def declared(*_what: object) -> None:
        raise WorkbookRefused("unsafe_content", part=name[:80])

    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = lambda tag, _attributes: started.append(tag)
    try:
        for chunk in _chunks(archive, name):
            parser.Parse(chunk, False)
            if started:
                return
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise WorkbookRefused("damaged") from error


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with open_part(archive, name) as part:
        while chunk := _read(part, CHUNK):
            yield chunk


def _head(archive: zipfile.ZipFile, name: str) -> bytes:
    with open_part(archive, name) as part:
        return _read(part, 64)


def open_part(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """One part for reading; WorkbookRefused("damaged") when it cannot be unpacked."""
    try:
        return archive.open(name)
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise WorkbookRefused("damaged") from error


def read_part(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """A whole part of at most `limit` bytes."""
    with open_part(archive, name) as part:
        content = _read(part, limit + 1)
    if len(content) > limit:
        raise WorkbookRefused("too_large", limit=limit // MEBIBYTE)
    return content


def _read(part: IO[bytes], size: int) -> bytes:
    try:
        return part.read(size)
    except MemoryError:
        raise
    except Exception as error:  # zlib.error, BadZipFile, EOFError … all mean the same to the user
        raise WorkbookRefused("damaged") from error


class Counted:
    """A part read as a stream that refuses to give more than `limit` bytes, whatever the archive declares."""

    def __init__(self, part: IO[bytes], limit: int, sheet: str | None) -> None:
        self.part, self.left, self.limit, self.sheet = part, limit, limit, sheet

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none at the end."""
        chunk = _read(self.part, size)
        self.left -= len(chunk)
        if self.left >= 0:
            return chunk
        if self.sheet is None:
            raise WorkbookRefused("too_large", limit=self.limit // MEBIBYTE)
        raise WorkbookRefused("sheet_too_large", sheet=self.sheet, limit=self.limit // MEBIBYTE)
