"""The words for imports."""

from typing import Final

from chizheng.kernel.i18n import N_
from chizheng.kernel.templating import register_labels

STATE_NAMES: Final = {
    "reading": N_("正在读取"),
    "previewed": N_("待核对"),
    "committing": N_("正在入库"),
    "committed": N_("已入库"),
    "undone": N_("已撤销"),
    "discarded": N_("已放弃"),
    "failed": N_("未读成"),
}
STATE_KINDS: Final = {
    "committed": "success",
    "previewed": "warning",
    "failed": "error",
    "reading": "info",
    "committing": "info",
}
LEVEL_NAMES: Final = {
    "error": N_("错误"),
    "warning": N_("请核对"),
    "repaired": N_("已修正"),
    "ok": N_("无问题"),
}
OUTCOME_NAMES: Final = {
    "created": N_("新增"),
    "changed": N_("变更"),
    "unchanged": N_("不变"),
    "refused": N_("不入库"),
}
IGNORED_NAMES: Final = {
    "title": N_("标题"),
    "head": N_("表头"),
    "subtotal": N_("小计"),
    "note": N_("附注"),
    "blank": N_("空行"),
}

register_labels("import_state", STATE_NAMES)
register_labels("import_state_kind", STATE_KINDS)
register_labels("import_level", LEVEL_NAMES)
register_labels("import_outcome", OUTCOME_NAMES)
