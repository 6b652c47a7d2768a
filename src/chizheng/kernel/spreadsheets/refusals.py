"""Why a file is not read at all: a code, the facts, and a sentence with the cure."""

from typing import Any, Final

from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.i18n import N_, _

SENTENCES: Final[dict[str, str]] = {
    "empty": N_("文件是空的：请重新选择文件"),
    "not_a_workbook": N_(
        "这不是 Excel 工作簿（.xlsx），而是%(what)s：请在 WPS 或 Excel 中另存为 .xlsx 后再上传"
    ),
    "old_xls": N_(
        "这是旧式 .xls 文件（只改了扩展名也不行）：请在 WPS 或 Excel 中打开，另存为 .xlsx 后再上传"
    ),
    "encrypted": N_("工作簿设有打开密码：请取消密码后再上传"),
    "macros": N_("工作簿含有宏：请另存为不含宏的 .xlsx 后再上传"),
    "damaged": N_("文件已损坏或不完整：请在 WPS 或 Excel 中打开并另存一份后再上传"),
    "unsafe_content": N_("文件中含有工作簿不应有的内容（%(part)s）：请在 WPS 或 Excel 中另存一份后再上传"),
    "zip_bomb": N_("文件展开后大得不正常（%(part)s），已停止读取：请在 WPS 或 Excel 中另存一份后再上传"),
    "file_too_large": N_(
        "文件有 %(size)s MiB，上限为 %(limit)s MiB：请删去图片和无关的工作表，或分成几个文件"
    ),
    "too_large": N_("工作簿展开后超过上限 %(limit)s MiB：请删去图片、无关的工作表和数据下方的空行"),
    "sheet_too_large": N_(
        "工作表“%(sheet)s”展开后超过上限 %(limit)s MiB：请删去数据下方设有格式的空行，或分成几个文件"
    ),
    "too_many_rows": N_("工作表“%(sheet)s”超过 %(limit)s 行，已停止读取：请分成几个文件"),
    "too_many_columns": N_("工作表“%(sheet)s”第 %(row)s 行超过 %(limit)s 列，已停止读取：请删去多余的列"),
    "too_many_cells": N_("工作表“%(sheet)s”超过 %(limit)s 个单元格，已停止读取：请分成几个文件"),
    "too_many_characters": N_("工作表“%(sheet)s”的文字超过 %(limit)s 字，已停止读取：请分成几个文件"),
    "too_many_merges": N_("工作表“%(sheet)s”的合并单元格超过 %(limit)s 处，已停止读取：请取消合并"),
    "too_many_sheets": N_("工作簿超过 %(limit)s 个工作表：请删去无关的工作表"),
    "no_sheets": N_("工作簿里没有可见的工作表"),
    "too_slow": N_("读取超过 %(limit)s 秒，已停止：请减少内容，或分成几个文件"),
    "cannot_mark": N_("工作簿太大或结构特殊，无法在原件上标注：请按行号查看错误清单"),
}

WHAT: Final[dict[str, str]] = {
    "pdf": N_("PDF 文件"),
    "html": N_("网页"),
    "csv": N_("文本（CSV）文件"),
    "xlsb": N_("二进制工作簿（.xlsb）"),
    "ods": N_("OpenDocument 表格（.ods）"),
    "document": N_("其他 Office 文档"),
    "archive": N_("压缩包"),
    "image": N_("图片"),
    "other": N_("其他类型的文件"),
}


class WorkbookRefused(ChizhengError):
    """The file is not read. `code` is a key of SENTENCES, `details` fills the sentence's places."""

    status = 422

    def __init__(self, code: str, **details: Any) -> None:
        words = dict(details)
        if named := WHAT.get(details.get("what", "")):
            words["what"] = _(named)
        super().__init__(code, _(SENTENCES[code], **words), details)
