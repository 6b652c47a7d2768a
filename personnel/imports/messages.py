"""What each problem says to the person who has to mend it: what is wrong, where, and the cure."""

from typing import Final

from chizheng.kernel.i18n import N_, _
from chizheng.kernel.spreadsheets import Mark, RowNote
from personnel.imports.problems import Problem
from personnel.imports.roster import Roster, RosterRow

KNOWN_MEANT: Final = N_("。相近的有：%(known)s")

SENTENCES: Final[dict[str, str]] = {
    # the whole sheet
    "no_headings": N_("没有找到花名册表头：请保留含“姓名”“身份证号码”等标题的一行"),
    "column_missing": N_("缺少“%(column)s”一列：请补上这一列"),
    "column_twice": N_("“%(one)s”和“%(other)s”都是“%(column)s”：请只保留一列"),
    # any cell
    "formula": N_("单元格是公式：请复制后“选择性粘贴—数值”"),
    "error_value": N_("单元格显示错误值 %(value)s：请改为实际内容"),
    "text_too_long": N_("文字超过 2000 字：请删减"),
    "invisible_characters": N_("含有看不见的字符，已去掉"),
    "full_width_digits": N_("数字为全角，已改为半角"),
    # people
    "name_missing": N_("没有姓名：请补填"),
    "name_characters": N_("姓名含有数字或符号：请核对"),
    "name_too_long": N_("姓名超过 50 字：请核对"),
    "name_with_inner_spaces": N_("姓名中有空格，已去掉"),
    "id_missing": N_("没有身份证号码：请补填"),
    "id_length": N_("身份证号码不是 18 位：请对照身份证核对"),
    "id_fifteen_digits": N_("这是 15 位旧号码：请填写 18 位公民身份号码"),
    "id_characters": N_("身份证号码含有不该有的字符：请只填 17 位数字和末位的数字或 X"),
    "id_region_unknown": N_("身份证号码开头两位不是任何省份的代码：请对照身份证核对"),
    "id_birth_date": N_("身份证号码中的出生日期不存在：请对照身份证核对"),
    "id_born_lately": N_("按身份证号码中的出生日期不满 16 周岁：请对照身份证核对"),
    "id_check_digit_wrong": N_("身份证号码的校验位不符，有一位数字错了：请对照身份证核对"),
    "id_lost_precision": N_("身份证号码被表格当作数字，后三位已丢失：请把单元格设为文本格式后重新填写"),
    "id_lower_case_x_or_spaces": N_("身份证号码中有空格或小写 x，已改正"),
    "sex_contradicts_id": N_("性别与身份证号码不一致，按身份证号码记录：请核对"),
    "sex_unreadable": N_("性别“%(value)s”无法识别：请填男或女"),
    "born_contradicts_id": N_("出生年月与身份证号码不一致，按身份证号码记录：请核对"),
    "born_unreadable": N_("出生年月无法识别，按身份证号码记录"),
    "duplicate_person": N_("与第 %(row)s 行是同一人（身份证号码相同）：请删去一行"),
    "phone_unreadable": N_("联系电话不像电话号码，未录入：请核对"),
    "number_lost_precision": N_("号码被表格当作数字，末几位已丢失：请设为文本格式后重新填写"),
    "yes_no_unreadable": N_("“%(value)s”无法识别：请填是或否"),
    # establishment, units, posts
    "establishment_missing": N_("没有编制性质：请补填"),
    "unknown_establishment": N_("编制性质“%(value)s”无法识别"),
    "owner_unit_missing": N_("没有所属单位：请补填，或与上一行合并单元格"),
    "unknown_unit": N_("没有“%(value)s”这个单位：请按单位目录填写，或先在单位目录中新建"),
    "unknown_town": N_("没有“%(value)s”这个镇（街道）：请按单位目录填写，或先在单位目录中新建"),
    "town_alias": N_("简称已读作“%(read_as)s”"),
    "unit_alias": N_("单位简称已读作“%(read_as)s”"),
    "user_unit_elsewhere": N_("“%(user)s”不在“%(manager)s”之下：请核对"),
    "unknown_field": N_("没有“%(value)s”这个执法领域"),
    "unknown_post": N_("岗位“%(value)s”无法识别"),
    # days
    "date_text_chinese": N_("日期是文字，已读作 %(read_as)s"),
    "date_text_dotted": N_("日期是文字，已读作 %(read_as)s"),
    "date_text_slashed": N_("日期是文字，已读作 %(read_as)s"),
    "date_text_dashed": N_("日期是文字，已读作 %(read_as)s"),
    "date_text_compact": N_("日期是八位数字，已读作 %(read_as)s"),
    "date_serial": N_("日期丢了格式，已读作 %(read_as)s"),
    "date_month_only": N_("日期只有年月，已读作 %(read_as)s"),
    "date_month_only_end": N_("有效期只有年月，已读作当月最后一天 %(read_as)s：请核对"),
    "date_ambiguous": N_("%(value)s 可能是 1 月，也可能是 10 月（表格去掉了末尾的 0）：请写明年月日"),
    "date_unreadable": N_("“%(value)s”不是日期：请写成 2026-11-21 的样子"),
    "date_impossible": N_("“%(value)s”这一天不存在：请核对"),
    "date_out_of_range": N_("日期 %(value)s 不合理：请核对"),
    "posting_start_missing": N_("没有派驻时间：请补填"),
    "ends_before_start": N_("期满时间 %(end)s 不晚于派驻时间 %(start)s：请核对"),
    # certificates
    "certificate_lost_precision": N_("执法证号被表格当作数字，末几位已丢失：请设为文本格式后重新填写"),
    "certificate_number_missing": N_("填了证件的日期或状态，却没有执法证号：请补填"),
    "certificate_number_odd": N_("执法证号写法不对：请只填证号"),
    "certificate_number_shared": N_("执法证号与另一人相同：请核对"),
    "certificate_date_missing": N_("有执法证号却没有这个日期：请补填"),
    "unknown_state": N_("证件状态“%(value)s”无法识别"),
    "expires_before_issued": N_("有效期至 %(expires)s 早于发证日期 %(issued)s：请核对"),
    "contract_staff_with_certificate": N_(
        "非在编人员不能持执法证（行政处罚法第四十二条），不会判为可上岗：请核对编制性质"
    ),
    # against what is known already
    "out_of_reach": N_("不在您的管辖范围内：请由其所属单位的上级导入"),
    "longer_than": N_("文字超过 %(limit)s 字：请删减"),
    "name_changed": N_("系统中的姓名是“%(known)s”，将改为表中姓名：请核对"),
    "service_state_differs": N_("系统中此人已不在职，本表不改变这一点：请在人员档案中办理"),
    "legal_state_differs": N_("系统中此人有法律职业资格，本表不改变这一点：请核对"),
    "user_unit_missing": N_("没有使用单位：请填写镇综合行政执法局、中队或服务站"),
    "unit_uses_nobody": N_("“%(unit)s”不直接使用执法人员：请填写其综合行政执法局、中队或服务站"),
    "posting_overlaps": N_("与已有派驻重叠：%(user)s，%(since)s 至 %(until)s。请核对时间，或先在派驻中调整"),
    "posting_overlaps_open": N_("与已有派驻重叠：%(user)s，%(since)s 起。请核对时间，或先在派驻中调整"),
    "certificate_field_missing": N_("有执法证却没有执法领域：请补填"),
    "certificate_start_taken": N_("此人同一天已有执法证 %(number)s：请核对证号和发证日期"),
    "certificate_barred": N_("此人另有执法证自 %(since)s 起被暂扣或吊销，不能由本表另录新证：请由司法局办理"),
    "certificate_state_differs": N_("系统中此证自 %(since)s 起不可用，本表的“有效”不解除它：请由司法局办理"),
    "certificate_end_differs": N_("证件状态是过期，但有效期至尚未到：请核对"),
    "certificate_fields_differ": N_("系统中此证不含这个执法领域，本表不改变证件的执法类别：请由司法局办理"),
    "refused_by_database": N_("与系统中的数据冲突（%(constraint)s），未能入库：请核对后再导入"),
}

SHARED_IN_SHEET: Final = N_("执法证号与第 %(row)s 行的另一人相同：请核对")
LISTS: Final = ("known", "read_as")
"""Parameters that may hold several words."""
PLACED: Final = N_("%(cells)s（%(column)s）：%(sentence)s")


def sentence(problem: Problem) -> str:
    """The problem in the current language, without its place."""
    message = SENTENCES[problem.code]
    if problem.code == "certificate_number_shared" and "row" in problem.params:
        message = SHARED_IN_SHEET
    params = {name: listed(value) if name in LISTS else value for name, value in problem.params.items()}
    text = _(message, **params) if params else _(message)
    return text + _(KNOWN_MEANT, known=params["known"]) if params.get("known") else text


def listed(words: str) -> str:
    """Words kept with 、 between them, as the reader's language lists them."""
    return words.replace("、", _("、"))


def explain(problem: Problem) -> str:
    """The problem with its cells in front: F25（身份证号码）：…"""
    if not problem.cells:
        return sentence(problem)
    return _(
        PLACED, cells=_("、").join(problem.cells), column=listed(problem.column), sentence=sentence(problem)
    )


def explain_row(row: RosterRow) -> str:
    """All that is to be said about a row, for its cell in the 错误原因 column."""
    return _("；").join(explain(problem) for problem in row.problems)


def marks_of(roster: Roster) -> tuple[list[Mark], list[RowNote]]:
    """The colours and notes for the user's own workbook."""
    marks = [
        Mark(cell, problem.level.value, sentence(problem))
        for row in roster.rows
        for problem in sorted(row.problems, key=lambda problem: problem.level != "error", reverse=True)
        for cell in problem.cells
    ]
    notes = [RowNote(row.sheet_row, row.level.value, explain_row(row)) for row in roster.rows if row.level]
    return marks, notes
