"""The words for what stands on the gate."""

from typing import Final

from chizheng.clearance.gate.rules import ROLE_NAMES
from chizheng.kernel.i18n import N_
from chizheng.kernel.templating import register_labels

ENDING_NAMES: Final = {
    "stood_down": N_("离岗"),
    "released": N_("已解除"),
    "finished": N_("期满"),
    "case_closed": N_("已结案"),
}
CASE_STATUS_NAMES: Final = {"open": N_("在办"), "closed": N_("已结案")}
DECISION_KIND_NAMES: Final = {"assign": N_("指派"), "stand_down": N_("离岗"), "check": N_("核验")}
DOOR_NAMES: Final = {
    "page": N_("页面"),
    "api": N_("接口"),
    "cli": N_("命令行"),
    "import": N_("导入"),
    "gate": N_("系统"),
    "sql": N_("数据库"),
    "demo": N_("演示数据"),
}

register_labels("case_role", {str(role): words for role, words in ROLE_NAMES.items()})
register_labels("case_status", CASE_STATUS_NAMES)
register_labels("ending", ENDING_NAMES)
register_labels("decision_kind", DECISION_KIND_NAMES)
register_labels("door", DOOR_NAMES)
