"""An uploaded file as it comes, and a file handed out, the same for pages and API."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.spreadsheets import WorkbookRefused
from personnel.imports.examining import LARGEST

MEBIBYTE: Final = 2**20
LARGEST_REQUEST: Final = LARGEST + 2 * MEBIBYTE
"""Bytes of a request with a file: a file a little too large is told so by us, in words."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Upload:
    """The form of an upload: one workbook under the name `file`."""

    file: UploadFile | None = None


UploadForm = Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]


async def content_of(upload: Upload) -> tuple[str, bytes]:
    """The file's name and bytes. Invalid without a file, WorkbookRefused for one that is too large."""
    file = upload.file
    if file is None or not file.filename:
        raise Invalid(_("请选择要导入的文件"), file=_("请选择要导入的文件"))
    content = await file.read(LARGEST + 1)
    if len(content) > LARGEST:
        size = f"{file.file.seek(0, 2) / MEBIBYTE:.1f}"
        raise WorkbookRefused("file_too_large", size=size, limit=LARGEST // MEBIBYTE)
    return file.filename, content


def workbook_response(content: bytes, name: str) -> Response[Any]:
    """An .xlsx to be saved under that name."""
    return Response(
        content,
        media_type=XLSX,
        headers={
            "content-disposition": f"attachment; filename=\"roster.xlsx\"; filename*=UTF-8''{quote(name)}"
        },
    )
