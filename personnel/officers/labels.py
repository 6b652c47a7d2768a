"""The words for a person's standing."""

from collections.abc import Mapping
from typing import Final

from chizheng.kernel.i18n import N_
from chizheng.kernel.templating import register_labels
from personnel.officers.rules import Establishment, Secret, Status

STATUS_NAMES: Final[Mapping[str, str]] = {
    Status.ACTIVE: N_("在职"),
    Status.SUSPENDED: N_("停职"),
    Status.LEFT: N_("离职"),
    Status.RETIRED: N_("退休"),
    Status.DISMISSED: N_("辞退"),
}
STATUS_VERBS: Final[Mapping[str, str]] = {
    Status.ACTIVE: N_("恢复在职"),
    Status.SUSPENDED: N_("停职"),
    Status.LEFT: N_("离职"),
    Status.RETIRED: N_("退休"),
    Status.DISMISSED: N_("辞退"),
}
ESTABLISHMENT_NAMES: Final[Mapping[str, str]] = {
    Establishment.ADMINISTRATIVE: N_("行政编制"),
    Establishment.ENFORCEMENT: N_("行政执法专项编制"),
    Establishment.CIVIL_SERVICE_MANAGED: N_("参公管理事业编制"),
    Establishment.INSTITUTION: N_("事业编制"),
    Establishment.CONTRACT: N_("劳动合同制"),
    Establishment.DISPATCHED: N_("劳务派遣"),
    Establishment.WORKER: N_("工勤"),
    Establishment.TEMPORARY: N_("临时人员"),
    Establishment.AUXILIARY: N_("辅助人员"),
}
SEX_NAMES: Final[Mapping[str, str]] = {"male": N_("男"), "female": N_("女")}
SECRET_NAMES: Final[Mapping[str, str]] = {Secret.ID_NUMBER: N_("身份证号码"), Secret.PHONE: N_("联系电话")}

register_labels("service", STATUS_NAMES)
register_labels("service_verb", STATUS_VERBS)
register_labels("establishment", ESTABLISHMENT_NAMES)
register_labels("sex", SEX_NAMES)
register_labels("secret", SECRET_NAMES)
