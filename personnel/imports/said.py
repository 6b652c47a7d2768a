"""The planned changes in words, for the preview."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from chizheng.kernel.i18n import N_, _
from personnel.imports.heading_words import TITLES
from personnel.officers.labels import ESTABLISHMENT_NAMES
from personnel.postings.labels import POST_NAMES

SENTENCES: Final = {
    "officer_new": N_("新建人员档案"),
    "officer_returns": N_("恢复已撤回的人员档案"),
    "officer_columns": N_("更新：%(columns)s"),
    "service_recorded": N_("在职，自 %(since)s 起"),
    "establishment_recorded": N_("编制性质：%(type)s，自 %(since)s 起"),
    "establishment_changed": N_("编制性质由%(old)s改为%(type)s，自 %(since)s 起"),
    "legal_recorded": N_("法律职业资格，自 %(since)s 起"),
    "legal_number": N_("法律职业资格证号：%(number)s"),
    "posting_recorded": N_("派驻%(user)s（%(post)s），%(since)s 起"),
    "posting_recorded_until": N_("派驻%(user)s（%(post)s），%(since)s 至 %(until)s"),
    "posting_end_moved": N_("派驻%(user)s的期满时间由 %(old)s 改为 %(until)s"),
    "posting_end_set": N_("派驻%(user)s于 %(until)s 期满"),
    "posting_ended": N_("原派驻%(user)s于 %(until)s 结束"),
    "certificate_recorded": N_("执法证 %(number)s，%(since)s 至 %(until)s"),
    "certificate_corrected": N_("执法证 %(number)s 的有效期改为 %(since)s 至 %(until)s"),
    "certificate_barred": N_("执法证%(verb)s，自 %(since)s 起"),
}
BAR_NAMES: Final = {
    "suspend": N_("暂扣"),
    "revoke": N_("吊销"),
    "cancel": N_("注销"),
    "report_lost": N_("报遗失"),
}
WORDS: Final[dict[str, Callable[[str], str]]] = {
    "type": lambda code: _word(ESTABLISHMENT_NAMES, code),
    "old": lambda code: _word(ESTABLISHMENT_NAMES, code),
    "post": lambda code: _word(POST_NAMES, code),
    "verb": lambda code: _word(BAR_NAMES, code),
}


def say(code: str, params: Mapping[str, Any]) -> str:
    """One planned change in the current language."""
    if code == "posting_recorded" and params.get("until"):
        code = "posting_recorded_until"
    if code == "posting_end_moved" and not params.get("old"):
        code = "posting_end_set"
    words = {key: WORDS[key](value) if key in WORDS and value else value for key, value in params.items()}
    if "columns" in words:
        words["columns"] = _("、").join(_(TITLES.get(column, column)) for column in params["columns"])
    return _(SENTENCES[code], **words) if words else _(SENTENCES[code])


def _word(names: Mapping[Any, str], code: str) -> str:
    return _(names[code]) if code in names else code
