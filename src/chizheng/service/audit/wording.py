"""What an entry says was changed, in words. The log itself keeps names and codes as they were written."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from chizheng.kernel.i18n import N_, _
from chizheng.kernel.templating import label

NAMES: Final = {
    "active": N_("启用"),
    "alias": N_("别名"),
    "aliases": N_("别名数"),
    "area": N_("执法区域"),
    "authority": N_("发证机关"),
    "changed": N_("变更"),
    "created": N_("新增"),
    "day": N_("日期"),
    "decision": N_("核验记录"),
    "document_no": N_("文号"),
    "due_on": N_("期限"),
    "ended": N_("结束的指派"),
    "error": N_("错误"),
    "facts": N_("记录"),
    "failures": N_("连续输错次数"),
    "field": N_("领域"),
    "fields": N_("执法类别"),
    "finished": N_("期满的指派"),
    "from": N_("自"),
    "instead": N_("同时结束原派驻"),
    "issued_on": N_("发证日期"),
    "item": N_("赋权事项"),
    "kind": N_("类型"),
    "manager": N_("管理单位"),
    "minutes": N_("锁定分钟"),
    "name": N_("姓名或名称"),
    "number": N_("编号"),
    "officer": N_("人员"),
    "officers": N_("执法人员"),
    "ok": N_("无问题"),
    "opened_on": N_("立案日期"),
    "owner": N_("所属单位"),
    "parent": N_("上级单位"),
    "parties": N_("当事人"),
    "post": N_("岗位"),
    "reason": N_("事由"),
    "repaired": N_("已修正"),
    "restored": N_("恢复的记录"),
    "role": N_("角色"),
    "rows": N_("行数"),
    "sha256": N_("文件指纹"),
    "since": N_("自"),
    "status": N_("状态"),
    "stood_down": N_("离岗"),
    "title": N_("案由"),
    "to": N_("至（含当日）"),
    "type": N_("编制性质"),
    "unchanged": N_("不变"),
    "unit": N_("单位"),
    "units": N_("单位数"),
    "user": N_("使用单位"),
    "username": N_("用户名"),
    "valid_rows_only": N_("只导入没有错误的行"),
    "warning": N_("请核对"),
    "was": N_("原证号"),
    "what": N_("项目"),
    "withdrawn": N_("撤回的档案"),
}
KINDS: Final = {
    "field": ("field",),
    "fields": ("field",),
    "kind": ("posting_kind", "unit_kind"),
    "post": ("post",),
    "role": ("role", "case_role"),
    "status": ("service",),
    "type": ("establishment",),
    "what": ("secret",),
}
"""Which words the codes under a name stand for."""


HALF_OPEN: Final = ("to",)
"""Names of ends: the log keeps the first day after, readers are told the last."""


def told(changes: Mapping[str, Any], known: Mapping[UUID, str]) -> list[str]:
    """`名：值` for everything in an entry that says something to a reader. `known`: what ids stand for."""
    return [
        _("%(name)s：%(value)s", name=_(NAMES[name]), value=value)
        for name, raw in changes.items()
        if name in NAMES and (value := _value(name, raw, known))
    ]


def ids_in(value: Any) -> Iterator[UUID]:
    """Every id that stands in an entry's changes."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from ids_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from ids_in(part)
    elif (found := _as_id(value)) is not None:
        yield found


def _value(name: str, raw: Any, known: Mapping[UUID, str]) -> str:
    """In words; empty for what is empty, none or zero, and for the id of what is not known any more."""
    if isinstance(raw, bool):
        return _("是") if raw else _("否")
    if not raw:
        return ""
    if isinstance(raw, list):
        return _list(name, raw, known)
    if (subject := _as_id(raw)) is not None:
        return known.get(subject, "")
    if name in HALF_OPEN:
        return _last_day(str(raw))
    return _word(name, str(raw))


def _list(name: str, raw: list[Any], known: Mapping[UUID, str]) -> str:
    if name == "officers":
        return _("；").join(
            _("%(name)s任%(role)s", name=one["name"], role=_word("role", one["role"])) for one in raw
        )
    if len(raw) == 2 and name not in ("fields",):
        before, after = (_value(name, one, known) or _("无") for one in raw)
        return _("%(before)s 改为 %(after)s", before=before, after=after)
    return _("、").join(_value(name, one, known) for one in raw)


def _word(name: str, code: str) -> str:
    words = (label(code, kind) for kind in KINDS.get(name, ()))
    return next((word for word in words if word != code), code)


def _last_day(end: str) -> str:
    return str(date.fromisoformat(end) - timedelta(days=1))


def _as_id(value: Any) -> UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None
