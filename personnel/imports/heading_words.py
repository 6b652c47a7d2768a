"""The words that stand above the columns of rosters, as districts write them: our vocabulary of headings."""

import re
import unicodedata
from typing import Final

from chizheng.kernel.i18n import N_

REQUIRED: Final = ("name", "id_number", "owner_unit", "establishment")
REPORT_COLUMN: Final = "错误原因"
TITLES: Final = {
    "serial": N_("序号"),
    "owner_unit": N_("所属单位"),
    "name": N_("姓名"),
    "sex": N_("性别"),
    "ethnicity": N_("民族"),
    "id_number": N_("身份证号码"),
    "born": N_("出生年月"),
    "politics": N_("政治面貌"),
    "education": N_("学历"),
    "establishment": N_("编制性质"),
    "rank_title": N_("职务职级"),
    "field": N_("执法领域"),
    "manager_unit": N_("派驻镇（街道）"),
    "user_unit": N_("使用单位"),
    "post": N_("岗位"),
    "posted_from": N_("派驻时间"),
    "posted_to": N_("期满时间"),
    "certificate_number": N_("执法证号"),
    "certificate_authority": N_("发证机关"),
    "issued_on": N_("发证日期"),
    "valid_to": N_("有效期至"),
    "certificate_state": N_("证件状态"),
    "legal_qualified": N_("法律职业资格"),
    "legal_number": N_("法律职业资格证号"),
    "phone": N_("联系电话"),
    "remark": N_("备注"),
}
"""Our columns and what we call them to the user."""

SYNONYMS: Final[dict[str, str]] = {
    "serial": "序号 编号 序 No 行号",
    "owner_unit": "所属单位 派出单位 区属单位 区属 派出部门 派出机关 所属部门 所属大队 编制单位 编制所在单位 原单位 "
    "原工作单位 所在单位 县属 县属单位 市属单位",
    "name": "姓名 人员姓名 执法人员姓名 名字 执法人员",
    "sex": "性别",
    "ethnicity": "民族",
    "id_number": "身份证号码 公民身份号码 身份证号 身份号码 公民身份证号码 居民身份证号码 居民身份证号 身份证 "
    "身份证件号码 证件号码 身份证件号",
    "born": "出生年月 出生日期 出生年月日 出生时间 生日",
    "politics": "政治面貌 政治面目",
    "education": "学历 文化程度 最高学历 学历层次 全日制学历",
    "establishment": "编制性质 编制类型 编制类别 人员性质 人员身份 身份性质 用工性质 编制",
    "rank_title": "职务职级 职务 职级 职务或职级 现任职务 职务职称 职务级别 职务及职级",
    "field": "执法领域 执法类别 执法门类 业务领域 专业领域 执法专业 所属领域 条线",
    "manager_unit": "派驻镇 派驻镇街道 派驻镇街 派驻乡镇 派驻街道 镇管 管理单位 下沉镇 下沉镇街 下沉乡镇 下沉镇街道 "
    "派驻地 镇街 镇街道 所在镇 所在镇街 派驻镇开发区 派驻镇街道开发区 乡镇街道 派驻乡镇街道",
    "user_unit": "使用单位 镇用 用人单位 派驻单位 工作单位 派驻中队 所在中队 下沉单位 现工作单位 派驻机构",
    "post": "岗位 岗位名称 工作岗位 派驻岗位 岗位类别 下沉岗位",
    "posted_from": "派驻时间 下沉时间 派驻日期 派驻起始时间 下沉日期 派驻开始时间 派驻起始日期 派驻开始日期 "
    "到岗时间 下派时间",
    "posted_to": "期满时间 到期时间 派驻期满时间 派驻到期时间 派驻截止时间 派驻结束时间 期满日期 派驻期满 "
    "下沉期满时间 派驻期满日期 派驻截止日期 下沉到期时间 到期日期",
    "certificate_number": "执法证号 执法证号码 执法证件号 执法证件号码 证件编号 执法证编号 执法证件编号 "
    "行政执法证号 行政执法证号码 行政执法证编号 行政执法证件号码 行政执法证件编号",
    "certificate_authority": "发证机关 发证单位 颁证机关 发证部门 执法证发证机关 颁发机关",
    "issued_on": "发证日期 发证时间 颁证日期 颁发日期 执法证发证日期 领证日期 发证年月",
    "valid_to": "有效期至 有效期 有效期止 有效期截止 证件有效期 执法证有效期 执法证有效期至 证件有效期至 有效截止日期 "
    "有效期限 有效日期",
    "certificate_state": "证件状态 执法证状态 执法证件状态 证件情况",
    "legal_qualified": "法律职业资格 是否有法律职业资格 是否具有法律职业资格 是否取得法律职业资格 法律资格 "
    "有无法律职业资格 是否通过法律职业资格考试 法考",
    "legal_number": "法律职业资格证号 法律职业资格证书号 法律职业资格证书编号 法律职业资格证书号码",
    "phone": "联系电话 手机 手机号 手机号码 电话 联系方式 电话号码 联系手机 移动电话",
    "remark": "备注 备注说明 说明 其他说明",
}

GROUPS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "certificate": (
        "执法证 行政执法证 执法证件 行政执法证件 执法证信息 执法证件信息 证件信息 持证情况 执法资格 执法证情况 "
        "执法证件情况 行政执法证件信息 行政执法证信息 证件",
        {
            "certificate_number": "证号 编号 号码 证件号 证件号码 证件编号 证书编号 证书号",
            "certificate_authority": "发证机关 机关 发证单位 颁证机关",
            "issued_on": "发证日期 发证时间 颁证日期 发证",
            "valid_to": "有效期至 有效期 有效期止 到期日期 到期时间 截止日期 有效期限",
            "certificate_state": "状态 证件状态 情况",
            "field": "执法类别 执法领域 类别",
        },
    ),
    "posting": (
        "派驻 下沉 派驻情况 下沉情况 派驻信息 派驻期限 派驻时间 下沉时间 派驻安排 下沉信息 派驻期间",
        {
            "manager_unit": "镇 镇街道 镇街 乡镇 街道 派驻地 管理单位 镇管 派驻镇 乡镇街道",
            "user_unit": "使用单位 单位 中队 镇用 派驻单位 用人单位",
            "post": "岗位 派驻岗位",
            "posted_from": "时间 起 起始 开始 自 开始时间 起始时间 派驻时间 日期 起始日期 开始日期 起止时间起",
            "posted_to": "期满 止 到期 至 结束 截止 结束时间 截止时间 期满时间 到期时间 期满日期 截止日期 结束日期",
        },
    ),
    "legal": (
        "法律职业资格 法律职业资格情况 法律资格",
        {
            "legal_qualified": "是否取得 是否具有 有无 是否 取得",
            "legal_number": "证号 编号 证书编号 证书号 号码 证书号码",
        },
    ),
    "units": (
        "单位 单位情况 区属镇管镇用 管理体制 隶属关系",
        {
            "owner_unit": "区属 县属 派出 所属",
            "manager_unit": "镇管 管理",
            "user_unit": "镇用 使用",
        },
    ),
}
NEUTRAL: Final = frozenset(
    ["基本信息", "基本情况", "个人信息", "个人情况", "人员信息", "人员基本信息", "人员情况", "人员基本情况"]
)
OF_A_CARD: Final = frozenset(
    ("certificate_number", "certificate_authority", "issued_on", "valid_to", "certificate_state")
)
HINTS: Final = {"区属": "owner_unit", "县属": "owner_unit", "镇管": "manager_unit", "镇用": "user_unit"}

BRACKETED: Final = re.compile(r"[(\[【〔<《「]([^)\]】〕>》」]*)[)\]】〕>》」]")
DECORATION: Final = re.compile(r"[\s*:·.。,、/|_\\\-—()\[\]【】〔〕<>《》「」]+")


def plain(text: str) -> str:
    """A heading without spacing, brackets and decoration; full-width forms made narrow."""
    return DECORATION.sub("", unicodedata.normalize("NFKC", text))


def _index(words: dict[str, str]) -> dict[str, str]:
    return {plain(word): column for column, texts in words.items() for word in texts.split()}


KNOWN: Final = _index(SYNONYMS)
GROUP_NAMES: Final = {
    plain(name): group for group, (names, _parts) in GROUPS.items() for name in names.split()
}
GROUP_PARTS: Final = {group: _index(parts) for group, (_names, parts) in GROUPS.items()}


def forms(text: str) -> list[str]:
    """The heading as it stands, without what is in brackets, and each bracket by itself."""
    narrow = unicodedata.normalize("NFKC", text)
    inside = [plain(found) for found in BRACKETED.findall(narrow)]
    return [plain(narrow), plain(BRACKETED.sub("", narrow)), *(word for word in inside if word in HINTS)]
