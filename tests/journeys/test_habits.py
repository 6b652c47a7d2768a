"""What a person chose stays chosen; what is asked for on the street is there at once."""

import pytest

from tests.journeys.conftest import VisitorFor
from tests.journeys.serving import Site

GROUND = "getComputedStyle(document.body).backgroundColor"


def test_the_language_chosen_stays_from_page_to_page_and_for_the_next_login(
    visitor_for: VisitorFor, site: Site
) -> None:
    trainer = visitor_for()
    trainer.log_in("jiangshi", site.password_of("jiangshi"))
    lang = trainer.page.locator("html")
    assert lang.get_attribute("lang") == "zh-CN"
    trainer.go(trainer.page.get_by_role("button", name="English"))
    assert lang.get_attribute("lang") == "en"
    trainer.open("/password")
    assert lang.get_attribute("lang") == "en"

    elsewhere = visitor_for()
    elsewhere.log_in("jiangshi", site.password_of("jiangshi"))
    assert elsewhere.page.locator("html").get_attribute("lang") == "en"
    elsewhere.go(elsewhere.page.get_by_role("button", name="中文"))
    assert elsewhere.page.locator("html").get_attribute("lang") == "zh-CN"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_theme_chosen_outweighs_the_systems_and_stays(visitor_for: VisitorFor, scripts: bool) -> None:
    auditor = visitor_for("shenji", scripts=scripts)
    auditor.open("/")
    html = auditor.page.locator("html")
    auditor.page.locator("details.user-menu summary").click()
    auditor.go(auditor.page.get_by_role("button", name="深色"))
    assert html.get_attribute("data-theme") == "dark"
    auditor.open("/audit")
    assert html.get_attribute("data-theme") == "dark"
    auditor.page.locator("details.user-menu summary").click()
    auditor.go(auditor.page.get_by_role("button", name="随系统"))
    assert html.get_attribute("data-theme") is None


def test_dark_by_choice_and_dark_by_the_system_are_the_same_dark(visitor_for: VisitorFor) -> None:
    by_choice, by_system = visitor_for("officer"), visitor_for("officer", scheme="dark")
    by_choice.carry({"chizheng_theme": "dark"})
    grounds = []
    for visitor in (by_choice, by_system):
        visitor.open("/")
        grounds.append(visitor.page.evaluate(GROUND))
    light = visitor_for("officer")
    light.open("/")
    assert grounds[0] == grounds[1]
    assert grounds[0] != light.page.evaluate(GROUND)


def test_an_officer_on_a_phone_shows_the_certificate_in_one_tap(visitor_for: VisitorFor, site: Site) -> None:
    officer = visitor_for(width=360)
    officer.log_in("officer", site.password_of("officer"))
    card = officer.page.get_by_role("article", name="行政执法证")
    name = site.call("officer", "GET", "/api/v1/session")["account"]["name"]
    shown = card.inner_text()
    assert [words for words in (name, "持证有效，至", "核验时间", "执法区域") if words not in shown] == []
    box = card.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 740, "the whole card is on the first screen"
