"""The words for postings."""

from collections.abc import Mapping
from typing import Final

from chizheng.kernel.i18n import N_, _
from chizheng.kernel.templating import register_labels
from personnel.postings.rules import LONGEST_BORROWING_DAYS, Fault, Kind, Post

KIND_NAMES: Final[Mapping[str, str]] = {
    Kind.SECONDMENT: N_("下沉"),
    Kind.HOME_DUTY: N_("本单位"),
    Kind.EXCHANGE: N_("挂职"),
    Kind.BORROWING: N_("借调"),
    Kind.LEADERSHIP: N_("班子任职"),
    Kind.STATION: N_("村级服务站"),
}
POST_NAMES: Final[Mapping[str, str]] = {
    Post.ENFORCEMENT: N_("综合执法岗"),
    Post.LEGAL_REVIEW: N_("法制审核岗"),
    Post.OFFICE: N_("内勤"),
}
FAULTS: Final = {
    Fault.MISSING: N_("请填写"),
    Fault.BACKWARDS: N_("期满时间应晚于派驻时间"),
    Fault.TOO_FAR_AHEAD: N_("派驻时间不能晚于一年之后"),
    Fault.TOO_LONG: N_("借调一次不超过 %(days)s 天"),
    Fault.USES_NOBODY: N_("区、镇不直接用人，请选择其综合行政执法局、中队或服务站"),
    Fault.NOT_A_TOWN: N_("镇管单位应是镇（街道）"),
    Fault.NOT_UNDER_MANAGER: N_("使用单位不在镇管单位之下"),
    Fault.NOT_UNDER_OWNER: N_("本单位派驻的使用单位应在所属单位之内"),
    Fault.NOT_A_STATION: N_("请选择村级服务站"),
    Fault.NOT_A_BUREAU: N_("班子任职的使用单位应是镇综合行政执法局"),
    Fault.SAME_AS_OWNER: N_("不能派驻到本单位，请改用“本单位”"),
    Fault.UNIT_NOT_STANDING: N_("该单位在这段时间内未设立或已撤并"),
}

register_labels("posting_kind", KIND_NAMES)
register_labels("post", POST_NAMES)


def fault_sentences(faults: dict[str, Fault]) -> dict[str, str]:
    """Each input's fault in words."""
    return {
        name: _(FAULTS[fault], days=LONGEST_BORROWING_DAYS) if fault is Fault.TOO_LONG else _(FAULTS[fault])
        for name, fault in faults.items()
    }
