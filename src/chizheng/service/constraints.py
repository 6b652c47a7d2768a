"""What each database constraint means to the person who met it. The database refuses; this finds the words."""

import json
from typing import Any

import asyncpg

from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.i18n import N_, _

# constraint -> (HTTP status, sentence); the constraint's name is the error's code
BROKEN: dict[str, tuple[int, str]] = {
    "not_cleared": (409, N_("未通过上岗资格核验，不得指派")),
    "case_is_open": (409, N_("案件已结案或不存在，不能再指派")),
    "assignment_once": (409, N_("此人已在本案担任这一角色，不能重复指派")),
    "assignment_one_lead": (409, N_("本案已有主办")),
    "assignment_two_people": (409, N_("主办和协办须是两个人")),
    "assignment_only_ends": (409, N_("指派只能结束，不能改动")),
    "assignment_dates_forward": (422, N_("结束日期应晚于开始日期")),
    "assignment_ending_whole": (422, N_("结束指派应写明方式和时间")),
    "case_dates_forward": (422, N_("办理期限应晚于立案日期")),
    "certificate_number_once": (409, N_("证号已被另一张证件使用")),
    "certificate_start_once": (409, N_("此人同一天已有另一张证件生效")),
    "certificate_version": (409, N_("证件刚被他人修改，请刷新后再办")),
    "certificate_dates_forward": (422, N_("证件有效期止应晚于有效期起")),
    "certificate_fields_are_known": (422, N_("证件应至少有一个已知的执法类别")),
    "certificate_keeps_its_holder": (422, N_("证件不能转给他人")),
    "certificate_event_version": (409, N_("证件事项刚被他人修改，请刷新后再办")),
    "certificate_event_dates_forward": (422, N_("结束日期应晚于开始日期")),
    "event_fits_its_certificate": (422, N_("这张证件不属于此人")),
    "posting_no_overlap": (409, N_("与此人已有的派驻时间重叠")),
    "posting_version": (409, N_("派驻刚被他人修改，请刷新后再办")),
    "posting_dates_forward": (422, N_("期满时间应晚于派驻时间")),
    "posting_is_usable": (422, N_("使用单位应为综合行政执法局、中队或村级服务站")),
    "service_no_overlap": (409, N_("与此人已有的在职记录时间重叠")),
    "service_version": (409, N_("在职记录刚被他人修改，请刷新后再办")),
    "service_dates_forward": (422, N_("结束日期应晚于开始日期")),
    "establishment_no_overlap": (409, N_("与此人已有的编制记录时间重叠")),
    "establishment_version": (409, N_("编制记录刚被他人修改，请刷新后再办")),
    "establishment_dates_forward": (422, N_("结束日期应晚于开始日期")),
    "legal_qualification_version": (409, N_("法律职业资格刚被他人修改，请刷新后再办")),
    "legal_qualification_dates_forward": (422, N_("结束日期应晚于开始日期")),
    "unit_dates_forward": (422, N_("单位撤并日期应晚于设立日期")),
    "unit_stays_in_the_tree": (409, N_("单位不能改换上级或类型")),
    "unit_name_key": (409, N_("单位名称已被使用")),
    "unit_alias_alias_key": (409, N_("单位别名已被使用")),
    "officer_has_a_gate": (404, N_("没有这名执法人员")),
    "officer_id_number_index_key": (409, N_("此身份证号码已有人员档案")),
    "facts_are_append_only": (409, N_("已登记的事实不能改写，只能更正")),
    "log_is_append_only": (409, N_("审计记录只能追加")),
    "case_file_number_key": (409, N_("案号已被使用")),
    "account_username_key": (409, N_("用户名已被使用")),
    "account_grant_once": (409, N_("已有这项授权")),
}


def broken_constraint(error: asyncpg.PostgresError) -> ChizhengError:
    """The error for an integrity violation; details name the constraint, and the gaps when it was the gate."""
    name = getattr(error, "constraint_name", None) or ""
    status, sentence = BROKEN.get(name, _by_kind(error))
    details: dict[str, Any] = {"constraint": name} if name else {}
    if name == "not_cleared":
        details = {"gaps": _gaps(getattr(error, "detail", None))}
    problem = ChizhengError(name if name in BROKEN else _code(error), _(sentence), details)
    problem.status = status
    return problem


def _by_kind(error: asyncpg.PostgresError) -> tuple[int, str]:
    if isinstance(error, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError):
        return 409, N_("与已有的记录重复")
    if isinstance(error, asyncpg.ForeignKeyViolationError | asyncpg.RestrictViolationError):
        return 409, N_("涉及的记录不存在，或还在被使用")
    return 422, N_("填写的内容不合规则")


def _code(error: asyncpg.PostgresError) -> str:
    if isinstance(error, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError):
        return "duplicate"
    if isinstance(error, asyncpg.ForeignKeyViolationError | asyncpg.RestrictViolationError):
        return "in_use"
    return "invalid"


def _gaps(detail: str | None) -> Any:
    try:
        return json.loads(detail or "[]")
    except ValueError:
        return []
