"""The town bureau's day: who may act, a case, its two handlers; and the officer the gate refuses."""

import re

import pytest

from tests.journeys.conftest import VisitorFor
from tests.journeys.districts import a_case, assign, certificate_of, cleared, handlers, suspend
from tests.journeys.serving import Site
from tests.journeys.visiting import Visitor

WITH_AND_WITHOUT_SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@WITH_AND_WITHOUT_SCRIPTS
def test_a_bureau_clerk_sees_who_is_cleared_opens_a_case_and_assigns_both_handlers(
    visitor_for: VisitorFor, site: Site, scripts: bool
) -> None:
    clerk = visitor_for(scripts=scripts)
    clerk.log_in("hutangju", site.password_of("hutangju"))
    assert clerk.headed() == "首页"
    clerk.follow("今日可上岗")
    clerk.says("可上岗", "不得上岗", "市场监管", "依据：行政处罚法第四十二条")

    clerk.follow("新建案件")
    clerk.field("市场监管").check()
    clerk.press("下一步")
    title = f"擅自设置货架案（{'有' if scripts else '无'}脚本）"
    clerk.fill("案由", title)
    clerk.fill("当事人", "湖塘镇某商行")
    clerk.press("立案")
    assert clerk.headed() == title
    clerk.says("0 / 2 名承办人", "缺 2 名承办人，不得开展调查取证")

    _choose_both(clerk)
    clerk.press("一并指派")
    clerk.says("已指派主办和协办", "2 / 2 名承办人")
    clerk.follow("案件")
    assert clerk.page.get_by_role("row", name=title).get_by_text("2 / 2").is_visible()


@WITH_AND_WITHOUT_SCRIPTS
def test_an_officer_who_lost_the_certificate_meanwhile_is_refused_with_words_and_basis(
    visitor_for: VisitorFor, site: Site, scripts: bool
) -> None:
    case = a_case(site, f"核验在指派之时案（{'有' if scripts else '无'}脚本）")
    clerk = visitor_for("hutangju", scripts=scripts)
    clerk.open(f"/cases/{case}")
    person = cleared(site)[0]
    suspend(site, person)  # while the clerk looks at a page that still offers this officer
    with clerk.expecting(409):
        clerk.press(f"指派为主办 {person.name}")
    refusal = re.sub(r"\s+", " ", clerk.page.get_by_role("alert").inner_text())
    assert "不得指派，案件没有改动" in refusal
    assert re.search(rf"{person.name} 主办，\d{{4}}-\d\d-\d\d 至 \d{{4}}-\d\d-\d\d", refusal)
    assert "起暂扣" in refusal
    assert "依据：交通运输行政执法证件管理规定第三十一条" in refusal
    assert handlers(site, case) == 0
    clerk.go(clerk.page.get_by_role("alert").get_by_role("link", name=re.compile("核验记录第")))
    clerk.says(person.name, "起暂扣")


def test_a_case_says_in_both_languages_that_a_handler_stood_down_when_justice_suspends_a_certificate(
    visitor_for: VisitorFor, site: Site
) -> None:
    case = a_case(site, "承办人离岗案")
    lead, helper = cleared(site)[:2]
    assign(site, case, lead, helper)
    justice = visitor_for("sifaju")
    justice.open(f"/certificates/{certificate_of(site, lead)}")
    justice.follow("办理暂扣")
    justice.says("执行后会发生", "在办")
    justice.fill("事由", "出示他人证件，立案调查")
    justice.fill("文号", "武司监〔2026〕7号")
    justice.press("办理暂扣")
    justice.says("已办理：暂扣", "暂扣至")

    bureau = visitor_for("hutangju")
    bureau.open(f"/cases/{case}")
    bureau.says("1 / 2 名承办人", "缺 1 名承办人", f"{lead.name}离岗", "起暂扣")
    bureau.go(bureau.page.get_by_role("button", name="English"))
    assert bureau.page.locator("html").get_attribute("lang") == "en"
    assert re.search(r"1 / 2|1 of 2", bureau.reads())
    bureau.go(bureau.page.get_by_role("button", name="中文"))


def _choose_both(clerk: Visitor) -> None:
    """The first two of those who may."""
    for label, order in (("主办", 1), ("协办", 2)):
        clerk.page.get_by_role("combobox", name=re.compile(f"^{label}")).select_option(index=order)
