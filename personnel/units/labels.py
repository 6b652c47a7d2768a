"""The words for units on screen."""

from collections.abc import Mapping
from typing import Final

from chizheng.kernel.access import Relation
from chizheng.kernel.i18n import N_
from chizheng.kernel.templating import register_labels
from personnel.units.rules import Field, Kind

KIND_NAMES: Final[Mapping[str, str]] = {
    Kind.DISTRICT: N_("区县"),
    Kind.DEPARTMENT: N_("区级部门"),
    Kind.TEAM: N_("执法大队"),
    Kind.TOWN: N_("镇（街道）"),
    Kind.BUREAU: N_("综合行政执法局"),
    Kind.SQUAD: N_("中队"),
    Kind.STATION: N_("村级服务站"),
    Kind.JUSTICE_OFFICE: N_("司法所"),
}
RELATION_NAMES: Final[Mapping[str, str]] = {
    Relation.ANY: N_("区属、镇管、镇用"),
    Relation.OWNER: N_("区属"),
    Relation.MANAGER: N_("镇管"),
    Relation.USER: N_("镇用"),
}
FIELD_NAMES: Final[Mapping[str, str]] = {
    Field.MARKET: N_("市场监管"),
    Field.TRANSPORT: N_("交通运输"),
    Field.AGRICULTURE: N_("农业农村"),
    Field.CITY: N_("城市管理"),
    Field.EMERGENCY: N_("应急管理"),
    Field.LABOUR: N_("劳动监察"),
    Field.HEALTH: N_("公共卫生"),
    Field.CONSTRUCTION: N_("城乡建设"),
    Field.WATER: N_("水政水利"),
}

register_labels("field", FIELD_NAMES)
register_labels("unit_kind", KIND_NAMES)
register_labels("relation", RELATION_NAMES)
