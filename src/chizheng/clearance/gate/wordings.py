"""What each gap of the gate says, by which article, and what cures it. One entry for each code of `gate.sql`."""

import re
from typing import Final

import msgspec

from chizheng.kernel.i18n import N_


class Wording(msgspec.Struct, frozen=True):
    """A sentence and its cure; used when all the facts they name (`names`) are known."""

    sentence: str
    cure: str
    names: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        named = re.findall(r"%\((\w+)\)s", self.sentence + self.cure)
        msgspec.structs.force_setattr(self, "names", frozenset(named))


class GapRule(msgspec.Struct, frozen=True):
    """How a gap is told: its legal basis, and its wordings, the most telling first."""

    hard: bool
    basis: str
    wordings: tuple[Wording, ...]


_PENALTY_42 = N_("行政处罚法第四十二条")
_SCOPE_22 = N_("交通运输行政执法证件管理规定第二十二条")
_OTHERS = N_("改派其他人员")

GAPS: dict[str, GapRule] = {
    "question_unclear": GapRule(
        True, N_("核验规则"), (Wording(N_("所问的角色、单位或日期不明确"), N_("选定角色、单位和至少一天")),)
    ),
    "not_in_service": GapRule(
        True,
        N_("公务员法"),
        (
            Wording(
                N_("%(before)s 之后不在职：%(status)s"), N_("把指派截止日改到 %(before)s，或改派其他人员")
            ),
            Wording(
                N_("%(before)s 之后没有在职记录"),
                N_("由组织人事部门补录在职记录，或把指派截止日改到 %(before)s"),
            ),
            Wording(N_("不在职：%(paused)s"), N_("恢复在职后可上岗")),
            Wording(N_("不在职：%(status)s"), _OTHERS),
            Wording(N_("没有在职记录"), N_("由组织人事部门补录在职记录")),
        ),
    ),
    "not_in_establishment": GapRule(
        True,
        _PENALTY_42,
        (
            Wording(N_("编制性质为%(type)s，不得执法"), N_("由在编执法人员承办")),
            Wording(N_("在编记录只到 %(before)s"), N_("由编办核实编制，或把指派截止日改到 %(before)s")),
            Wording(N_("没有编制记录"), N_("由编办核实编制")),
        ),
    ),
    "no_certificate": GapRule(
        True,
        N_("行政处罚法第四十二条、第七十六条"),
        (Wording(N_("未取得行政执法证"), N_("考试合格、公示后申领行政执法证")),),
    ),
    "certificate_not_started": GapRule(
        True,
        N_("行政处罚法第四十二条、第七十六条"),
        (
            Wording(N_("证件 %(number)s 自 %(begins)s 起生效"), N_("把指派开始日改到 %(resumes)s")),
            Wording(N_("证件 %(number)s 自 %(begins)s 起生效"), N_("自 %(begins)s 起可上岗")),
        ),
    ),
    "certificate_expired": GapRule(
        True,
        _PENALTY_42,
        (
            Wording(
                N_("证件 %(number)s 有效期至 %(last)s，早于任务结束日 %(end)s"),
                N_("先办理换证，或把指派截止日改到 %(before)s"),
            ),
            Wording(N_("证件 %(number)s 有效期至 %(last)s，此后不得上岗"), N_("办理换证")),
        ),
    ),
    "certificate_suspended": GapRule(
        True,
        N_("交通运输行政执法证件管理规定第三十一条、第三十二条"),
        (
            Wording(
                N_("证件 %(number)s 自 %(since)s 起暂扣"),
                N_("复核已超期（应于 %(overdue)s 前），由司法局恢复后可上岗"),
            ),
            Wording(
                N_("证件 %(number)s 自 %(since)s 起暂扣"), N_("由司法局按期复核（%(due)s），恢复后可上岗")
            ),
            Wording(N_("证件 %(number)s 自 %(since)s 起暂扣"), N_("培训考试合格，由司法局恢复证件后可上岗")),
        ),
    ),
    "certificate_revoked": GapRule(
        True,
        N_("交通运输行政执法证件管理规定第三十三条、第三十四条"),
        (Wording(N_("证件自 %(since)s 起吊销，不得重新申领"), _OTHERS),),
    ),
    "certificate_cancelled": GapRule(
        True,
        N_("交通运输行政执法证件管理规定第二十五条"),
        (Wording(N_("证件 %(number)s 自 %(since)s 起注销"), N_("重新申领行政执法证")),),
    ),
    "certificate_lost": GapRule(
        True,
        N_("行政处罚法第五十五条，交通运输行政执法证件管理规定第二十四条"),
        (Wording(N_("证件 %(number)s 自 %(since)s 起报遗失，尚未补发"), N_("补发证件后可上岗")),),
    ),
    "field_not_covered": GapRule(
        True,
        _SCOPE_22,
        (
            Wording(
                N_("证件类别为%(fields)s，不含%(field)s"), N_("增加%(field)s类别，或改派持有该类别的人员")
            ),
            Wording(N_("证件不含所问类别"), _OTHERS),
        ),
    ),
    "area_not_covered": GapRule(
        True,
        _SCOPE_22,
        (
            Wording(N_("证件执法区域为%(unit)s，不含本单位"), N_("变更执法区域，或改派其他人员")),
            Wording(N_("证件执法区域不含本单位"), N_("变更执法区域，或改派其他人员")),
        ),
    ),
    "not_posted_here": GapRule(
        True,
        N_("区属、镇管、镇用：以派驻文件为准"),
        (
            Wording(
                N_("派驻本单位至 %(before)s，早于任务结束日 %(end)s"),
                N_("延长派驻，或把指派截止日改到 %(before)s"),
            ),
            Wording(N_("自 %(resumes)s 起派驻本单位"), N_("把指派开始日改到 %(resumes)s")),
            Wording(N_("派驻本单位至 %(posted_until)s 为止"), N_("由组织人事延长派驻")),
            Wording(N_("自 %(posted_from)s 起派驻本单位"), N_("自 %(posted_from)s 起可上岗")),
            Wording(N_("没有派驻到本单位"), N_("由组织人事办理派驻")),
        ),
    ),
    "borrowed_out": GapRule(
        False,
        N_("不得随意或长期借调基层执法人员"),
        (
            Wording(N_("借调在%(unit)s"), N_("由批准人写明理由后接受，或改派其他人员")),
            Wording(N_("借调在外"), N_("由批准人写明理由后接受，或改派其他人员")),
        ),
    ),
    "legal_qualification_missing": GapRule(
        True,
        N_("行政处罚法第五十八条"),
        (Wording(N_("没有法律职业资格"), N_("由取得法律职业资格的人员审核")),),
    ),
    "role_conflict": GapRule(
        True,
        N_("行政处罚法第五十八条、第六十四条"),
        (Wording(N_("在本案已任%(role)s，调查与审核、听证须分开"), N_("改派未参与本案的人员")),),
    ),
}
# a wording that names one of these says itself when
TELLING: Final = {"before", "begins", "resumes", "since", "last", "posted_until", "posted_from"}
