"""Certificates in words: states, deeds, faults, and the sentence that says how one stands."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final, Protocol

from chizheng.kernel.i18n import N_, _
from chizheng.kernel.templating import register_labels
from personnel.certificates.rules import LONGEST_TERM_YEARS, SUSPENSION_MONTHS, Fault, State, Verb
from personnel.units.labels import FIELD_NAMES

ENDS_SOON_DAYS: Final = 60
"""From how many days before its end a certificate is shown as ending soon."""

STATE_NAMES: Final[Mapping[str, str]] = {
    State.NOT_STARTED: N_("未生效"),
    State.VALID: N_("有效"),
    State.SUSPENDED: N_("暂扣"),
    State.REVOKED: N_("吊销"),
    State.CANCELLED: N_("注销"),
    State.LOST: N_("遗失待补"),
    State.EXPIRED: N_("过期"),
}
VERB_NAMES: Final[Mapping[str, str]] = {
    Verb.ISSUE: N_("发证"),
    Verb.SUSPEND: N_("暂扣"),
    Verb.REINSTATE: N_("恢复"),
    Verb.REVOKE: N_("吊销"),
    Verb.CANCEL: N_("注销"),
    Verb.REPORT_LOST: N_("报遗失"),
    Verb.REISSUE: N_("补发"),
    Verb.RENEW: N_("换证"),
}
CONSEQUENCES: Final = {
    Verb.SUSPEND: N_("自该日起不得上岗；在办案件中的指派同时离岗。暂扣不自动解除，须办理“恢复”。"),
    Verb.REINSTATE: N_("自该日起证件恢复有效；已离岗的案件须重新指派。"),
    Verb.REVOKE: N_("自该日起不得上岗，且不得重新申领；在办案件中的指派同时离岗。不能撤回。"),
    Verb.CANCEL: N_("自该日起不得上岗；在办案件中的指派同时离岗。证件应先交回。不能撤回。"),
    Verb.REPORT_LOST: N_("补发之前不得上岗；在办案件中的指派同时离岗。"),
    Verb.REISSUE: N_("启用新证号，有效期不变；旧证号保留在记录中，不再使用。"),
    Verb.RENEW: N_("证号不变，有效期延长。"),
}
BASES: Final = {
    Verb.SUSPEND: N_("交通运输行政执法证件管理规定第三十一条"),
    Verb.REINSTATE: N_("交通运输行政执法证件管理规定第三十二条"),
    Verb.REVOKE: N_("交通运输行政执法证件管理规定第三十三条、第三十四条"),
    Verb.CANCEL: N_("交通运输行政执法证件管理规定第二十五条"),
    Verb.REPORT_LOST: N_("交通运输行政执法证件管理规定第二十四条"),
    Verb.REISSUE: N_("交通运输行政执法证件管理规定第二十四条"),
}
FAULTS: Final = {
    Fault.MISSING: N_("请填写"),
    Fault.BEFORE_ISSUE: N_("不能早于发证日期"),
    Fault.TOO_FAR_AHEAD: N_("不能晚于一年之后"),
    Fault.AHEAD: N_("不能晚于今天"),
    Fault.NOT_AFTER: N_("应晚于起始日期"),
    Fault.SUSPENSION_TOO_LONG: N_("暂扣最长 %(months)s 个月"),
    Fault.TERM_TOO_LONG: N_("有效期最长 %(years)s 年"),
    Fault.NOT_LONGER: N_("应晚于原有效期"),
    Fault.NUMBER_MALFORMED: N_("证号应为 6 至 30 位字母、数字或连字符"),
    Fault.NUMBER_THE_SAME: N_("补发应使用新证号"),
    Fault.NO_FIELD: N_("请至少选择一个执法类别"),
}

register_labels("certificate_state", STATE_NAMES)
register_labels("certificate_verb", VERB_NAMES)


class Standing(Protocol):
    """What the sentence is made of."""

    @property
    def state(self) -> str: ...
    @property
    def fields(self) -> list[str]: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def barred_next(self) -> date | None: ...
    @property
    def replaced_by(self) -> str | None: ...


def acting_sentence(certificate: Standing, fields: Iterable[str]) -> str:
    """What its holder may do with it today, by the gate's answer: 持证有效，至 2027-06-05，可办市场监管."""
    text = _("持证有效，至 %(last)s，可办%(fields)s", last=_last(certificate), fields=field_words(fields))
    return text + _ending(certificate)


def sentence(certificate: Standing, today: date) -> str:
    """How the certificate itself stands; whether its holder may act is for the gate to say. Days named are the last."""
    last = _last(certificate)
    state = State(certificate.state)
    if state is State.VALID:
        text = _("证件有效，至 %(last)s，类别：%(fields)s", last=last, fields=field_words(certificate.fields))
        return text + _ending(certificate)
    if certificate.replaced_by and state is not State.REVOKED:
        return _(
            "%(state)s，已由 %(number)s 接替", state=_(STATE_NAMES[state]), number=certificate.replaced_by
        )
    if state is State.SUSPENDED:
        return _suspended(certificate.due_on, today)
    return {
        State.NOT_STARTED: _("%(day)s 起生效：此前不得上岗", day=certificate.valid_from),
        State.REVOKED: _("已吊销：不得上岗，不得重新申领"),
        State.CANCELLED: _("已注销：不得上岗"),
        State.LOST: _("已报遗失，待补发：不得上岗"),
        State.EXPIRED: _("已过期，有效期至 %(last)s：不得上岗", last=last),
    }[state]


def kind(certificate: Standing, today: date) -> str:
    """The status kind of the page macros: cleared, ends_soon, not_cleared; neutral for one that another replaced."""
    if certificate.replaced_by and certificate.state != State.REVOKED:
        return "neutral"
    if certificate.state != State.VALID:
        return "not_cleared"
    soon = today + timedelta(days=ENDS_SOON_DAYS)
    ending = certificate.valid_to <= soon or (certificate.barred_next or date.max) <= soon
    return "ends_soon" if ending else "cleared"


def field_names(fields: Iterable[str]) -> list[str]:
    """Fields by their names, in their own order."""
    known = set(fields)
    named = [_(name) for code, name in FIELD_NAMES.items() if code in known]
    return [*named, *sorted(known - FIELD_NAMES.keys())]


def field_words(fields: Iterable[str]) -> str:
    """The same as one text."""
    return _("、").join(field_names(fields))


def fault_sentences(faults: dict[str, Fault]) -> dict[str, str]:
    """Each input's fault in words."""
    limits = {
        Fault.SUSPENSION_TOO_LONG: {"months": SUSPENSION_MONTHS},
        Fault.TERM_TOO_LONG: {"years": LONGEST_TERM_YEARS},
    }
    return {name: _(FAULTS[fault], **limits.get(fault, {})) for name, fault in faults.items()}


def _last(certificate: Standing) -> date:
    return certificate.valid_to - timedelta(days=1)


def _ending(certificate: Standing) -> str:
    return _("；%(day)s 起停用", day=certificate.barred_next) if certificate.barred_next else ""


def _suspended(due_on: date | None, today: date) -> str:
    if due_on is None:
        return _("暂扣：不得上岗")
    if due_on <= today:
        return _("暂扣，期限 %(day)s 已满而未恢复：不得上岗", day=due_on)
    return _("暂扣至 %(day)s：不得上岗", day=due_on)
