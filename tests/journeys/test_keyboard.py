"""Everything within reach of a hand on the keyboard."""

from tests.journeys.conftest import VisitorFor
from tests.journeys.serving import Site
from tests.journeys.visiting import Visitor

FOCUSED = "document.activeElement.textContent.trim() || document.activeElement.name"
MOST = 40
"""Presses of Tab that a page may ask for at most."""


def tab_to(visitor: Visitor, words: str) -> None:
    """Tabs until the focus is on what bears these words; every stop on the way can be seen."""
    for _press in range(MOST):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.evaluate(
            "(() => { const e = document.activeElement, b = e.getBoundingClientRect();"
            " return [(e.innerText || e.name || '').trim(), b.width > 0 && b.height > 0] })()"
        )
        assert focused[1], f"the focus left what can be seen: {focused}"
        if focused[0] == words:
            return
    raise AssertionError(f"{words} is not reached")


def test_a_clerk_logs_in_and_opens_a_case_with_tab_and_enter_alone(
    visitor_for: VisitorFor, site: Site
) -> None:
    clerk = visitor_for()
    keyboard = clerk.page.keyboard
    clerk.open("/login")
    tab_to(clerk, "username")
    keyboard.type("hutangju")
    tab_to(clerk, "password")
    keyboard.type(site.password_of("hutangju"))
    keyboard.press("Enter")
    clerk.page.wait_for_url(f"{site.address}/")

    tab_to(clerk, "跳到正文")
    keyboard.press("Enter")
    assert clerk.page.evaluate("document.activeElement.id") == "main"

    clerk.open("/cases")
    keyboard.press("j")
    keyboard.press("j")
    keyboard.press("k")
    first = clerk.page.locator(".table tbody tr a").first
    assert clerk.page.evaluate(FOCUSED) == first.inner_text()
    title = first.inner_text()
    keyboard.press("Enter")
    clerk.page.wait_for_url("**/cases/*-*")
    assert clerk.headed() == title


def test_a_slash_searches_from_everywhere_and_typed_text_is_left_alone(visitor_for: VisitorFor) -> None:
    justice = visitor_for("sifaju")
    justice.open("/certificates")
    keyboard = justice.page.keyboard
    keyboard.press("/")
    assert justice.page.evaluate("document.activeElement.name") == "q"
    keyboard.type("jk/hch")
    assert justice.page.locator("[data-search]").input_value() == "jk/hch"
    justice.page.locator("[data-search]").fill("hcz")
    keyboard.press("Enter")
    justice.page.wait_for_url("**/officers?q=hcz")
    justice.says("黄川舟")


def test_a_question_mark_lists_the_keys_and_escape_closes_the_list(visitor_for: VisitorFor) -> None:
    clerk = visitor_for("hutangju")
    clerk.open("/cases")
    clerk.page.keyboard.press("?")
    dialog = clerk.page.get_by_role("dialog")
    assert dialog.is_visible()
    clerk.page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_menus_open_with_enter_and_close_with_escape(visitor_for: VisitorFor) -> None:
    clerk = visitor_for("hutangju")
    clerk.open("/")
    menu = clerk.page.locator("details.user-menu")
    menu.locator("summary").focus()
    clerk.page.keyboard.press("Enter")
    assert menu.get_by_role("button", name="退出登录").is_visible()
    clerk.page.keyboard.press("Escape")
    assert not menu.get_by_role("button", name="退出登录").is_visible()
