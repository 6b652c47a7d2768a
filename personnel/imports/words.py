"""The words rosters use for establishment types, posts, certificate states and the sexes."""

import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from chizheng.kernel.spreadsheets import Cell
from personnel.imports.cells import Reading, Unreadable, text_of


def _words(table: dict[str, str]) -> dict[str, str]:
    return {word: code for code, words in table.items() for word in words.split()}


ESTABLISHMENTS: Final = _words(
    {
        "administrative": "行政编制 行政 公务员 行政编",
        "enforcement": "行政执法专项编制 执法专项编制 行政执法专项 执法专项 专项编制 行政执法编制",
        "civil_service_managed": "参公管理事业编制 参公 参公管理 参公编制 参照公务员法管理 参照公务员管理 参公事业编制 "
        "参照公务员法管理事业编制 参公事业",
        "institution": "事业编制 事业 事业编 全额拨款事业编制 全额事业编制 差额拨款事业编制",
        "contract": "劳动合同制 合同制 合同工 劳动合同 编外合同制 合同制人员",
        "dispatched": "劳务派遣 派遣 劳务派遣制 派遣制 劳务派遣人员",
        "worker": "工勤 工勤人员 机关工勤 工勤编制",
        "temporary": "临时 临时工 临时人员 临时聘用 临聘",
        "auxiliary": "辅助人员 协管员 执法辅助人员 协管 辅助 行政执法辅助人员 执法协管员",
    }
)
OUTSIDE: Final = frozenset(("contract", "dispatched", "worker", "temporary", "auxiliary"))
"""Types that bar an enforcement certificate (行政处罚法 42)."""

POSTS: Final = _words(
    {
        "enforcement": "综合执法岗 综合执法 执法岗 执法 一线执法岗 综合行政执法岗",
        "legal_review": "法制审核岗 法制审核 法制岗 法制 法制员",
        "office": "内勤综合岗 内勤岗 内勤 综合内勤岗 综合岗 内勤综合",
    }
)
CERTIFICATE_STATES: Final = _words(
    {
        "valid": "有效 正常 在用 有效期内 持证",
        "suspended": "暂扣 已暂扣 暂停 停用 暂停使用",
        "revoked": "吊销 已吊销 撤销 已撤销",
        "cancelled": "注销 已注销 收回 已收回",
        "lost": "遗失 挂失 丢失 已挂失 遗失补办中",
        "expired": "过期 失效 已过期 到期 逾期",
    }
)
SEXES: Final = _words({"male": "男 男性 M m", "female": "女 女性 F f"})


def word_of(cell: Cell, known: Mapping[str, str], unknown: str) -> Reading[str | None]:
    """The code of the cell's word, None when blank. An unknown word raises Unreadable(`unknown`) with the known
    words that look like it.
    """
    reading = text_of(cell)
    word = unicodedata.normalize("NFKC", reading.value).replace(" ", "")
    if not word:
        return Reading(None, reading.repairs)
    if word not in known:
        raise Unreadable(unknown, value=word[:30], known="、".join(closest(word, known)))
    return Reading(known[word], reading.repairs)


def closest(word: str, known: Mapping[str, str]) -> list[str]:
    """The known words that look like this one, or the first word of each code when none does."""
    close = get_close_matches(word[:60], known, n=3, cutoff=0.5)
    if close:
        return close
    first: dict[str, str] = {}
    for name, code in known.items():
        first.setdefault(code, name)
    return list(first.values())
