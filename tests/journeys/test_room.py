"""Nothing is cut off, squeezed or out of sight for want of room, on a phone, on a desk, in either language."""

import re
from typing import Any, Final

import pytest

from tests.journeys.conftest import VisitorFor
from tests.journeys.inspecting import faults_of
from tests.journeys.serving import Site

SQUEEZED: Final = """[...document.querySelectorAll('.person-head > :first-child')]
    .filter(name => name.textContent.trim().length <= 6 && name.getClientRects().length > 1 | name.offsetHeight > 40)
    .map(name => name.textContent)"""
OUTSIDE: Final = """[...document.querySelectorAll('.chart > svg text')].filter(text => {
    const box = text.getBoundingClientRect(), room = text.closest('.chart').getBoundingClientRect();
    return box.width && (box.left < room.left - 1 || box.right > room.right + 1);
}).map(text => text.textContent)"""
BROKEN: Final = """[...document.querySelectorAll('td[data-label]')].flatMap(cell => {
    const room = parseFloat(getComputedStyle(cell).gridTemplateColumns), pen = document.createElement('canvas').getContext('2d');
    pen.font = getComputedStyle(cell).font;
    return cell.dataset.label.split(' ').filter(word => pen.measureText(word).width > room);
})"""
CUT: Final = """(select => {
    const style = getComputedStyle(select), pen = document.createElement('canvas').getContext('2d');
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return [...select.options].filter(option => pen.measureText(option.text).width > room + 1).map(option => option.text);
})(document.querySelector('select[name=relation]'))"""
BEYOND: Final = """[...document.querySelectorAll('.tabs')].flatMap(tabs => [...tabs.querySelectorAll('a')]
    .filter(tab => tab.getBoundingClientRect().right > tabs.getBoundingClientRect().right + 1)
    .map(tab => tab.textContent))"""


def test_a_name_stands_on_one_line_on_a_phone(visitor_for: VisitorFor) -> None:
    for who in ("renshi", "sifaju", "hutangju"):
        clerk = visitor_for(who, width=360)
        clerk.open("/")
        assert (who, clerk.page.evaluate(SQUEEZED)) == (who, [])


def test_an_account_with_its_roles_fits_a_phone(visitor_for: VisitorFor, site: Site) -> None:
    found = re.search(
        r'href="(/accounts/[0-9a-f-]{36})">\s*hutangju', site.page("anquan", "/accounts?q=hutangju")
    )
    assert found
    security = visitor_for("anquan", width=360)
    security.open(found[1])
    security.says("湖塘镇综合行政执法局", "收回")
    assert faults_of(security) == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(("who", "path"), [("sifaju", "/"), ("renshi", "/"), ("officer", "/officers/me")])
def test_pictures_show_all_they_say(visitor_for: VisitorFor, who: str, path: str, width: int) -> None:
    visitor = visitor_for(who, width=width)
    visitor.open(path)
    assert visitor.page.locator(".chart > svg").count() == 1
    assert visitor.page.evaluate(OUTSIDE) == []


def test_today_is_in_sight_on_the_timeline_of_a_phone(visitor_for: VisitorFor) -> None:
    officer = visitor_for("officer", width=360)
    officer.open("/officers/me")
    today: Any = officer.page.locator(".spans .today").bounding_box()
    certificate: Any = officer.page.locator(".spans rect.fill-cleared").last.bounding_box()
    assert 0 < today["x"] < 360
    assert 0 < certificate["x"] < today["x"] < certificate["x"] + certificate["width"] <= 360


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_filters_tabs_and_labels_are_not_cut(visitor_for: VisitorFor, language: str, width: int) -> None:
    clerk = visitor_for("hutangju", width=width)
    if language == "en":
        clerk.open("/")
        clerk.go(clerk.page.get_by_role("button", name="English"))
    try:
        clerk.open("/officers")
        assert clerk.page.evaluate(CUT) == []
        assert width > 360 or clerk.page.evaluate(BROKEN) == []
        clerk.open("/cleared")
        assert clerk.page.evaluate(BEYOND) == []
    finally:
        if language == "en":
            clerk.go(clerk.page.get_by_role("button", name="中文"))


def test_a_slash_goes_to_the_pages_own_search_where_people_may_not_be_looked_up(
    visitor_for: VisitorFor,
) -> None:
    administrator = visitor_for("xitong")
    administrator.open("/accounts")
    administrator.page.keyboard.press("/")
    assert administrator.page.evaluate("document.activeElement.id") == "f-q"
    assert administrator.page.locator("[data-search]").count() == 0


def test_what_is_about_oneself_stands_on_the_right_without_a_search_box_too(visitor_for: VisitorFor) -> None:
    ends = []
    for who in ("xitong", "sifaju"):
        visitor = visitor_for(who)
        visitor.open("/")
        tools: Any = visitor.page.locator(".band-tools").bounding_box()
        ends.append(round(tools["x"] + tools["width"]))
    assert ends[0] == ends[1]


def test_a_slash_is_harmless_and_not_promised_where_nothing_is_searched(visitor_for: VisitorFor) -> None:
    officer = visitor_for("officer")
    officer.open("/")
    officer.page.keyboard.press("/")
    officer.page.keyboard.press("?")
    assert officer.page.get_by_role("dialog").is_visible()
    assert not officer.page.get_by_text("到查找框").is_visible()
