"""What the form macros print: the summary on top names its fields, and what was typed is what is shown again."""

import re
from typing import Any

import pytest
from jinja2 import Template

from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import ENGLISH, speaking
from chizheng.kernel.templating import make_engine, unbroken
from chizheng.kernel.web import form

FIELDS = """{% import "macros/forms.html" as forms %}{% call forms.post_form("/x", "", form) %}
{{ forms.field(form, "kind", "变动", type="radios", options=[("a", "甲"), ("b", "乙")]) }}
{{ forms.field(form, "fields", "类别", type="checks", options=[("market", "市场"), ("city", "城市")]) }}
{{ forms.field(form, "on", "日期", type="date", width="short") }}
{% endcall %}"""


def shown(typed: dict[str, Any], error: Invalid | None = None, template: str = FIELDS) -> str:
    return _template(template).render(form=form(typed, error))


def _template(source: str) -> Template:
    return make_engine().engine.from_string(source)


def lines(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<a href="#([\w-]+)">([^<]*(?:<span[^>]*>[^<]*</span>[^<]*)*)</a>', page)


def test_the_summary_names_each_field_in_the_order_of_the_form() -> None:
    page = shown({}, Invalid("填写有误", on="请填写", kind="请填写", elsewhere="另有问题"))
    assert lines(page) == [("f-kind", "变动：请填写"), ("f-on", "日期：请填写")]
    assert page.index("有 3 处需要改正") < page.index("日期：") < page.index("另有问题") < page.index("<form")


def test_one_fault_is_told_with_its_field_too() -> None:
    assert lines(shown({}, Invalid("填写有误", on="请填写"))) == [("f-on", "日期：请填写")]
    assert "另有派驻" in shown({}, Invalid("另有派驻"))


def test_a_summary_in_english_has_its_own_colon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "chizheng.kernel.i18n.english", lambda: {"%(label)s：%(sentence)s": "%(label)s: %(sentence)s"}
    )
    with speaking(ENGLISH):
        assert lines(shown({}, Invalid("x", on="Fill this in"))) == [("f-on", "日期: Fill this in")]


def test_a_form_without_faults_has_no_summary() -> None:
    assert "error-summary" not in shown({"on": "2026-11-21"})


def test_choices_with_a_fault_say_so_to_those_who_cannot_see_it() -> None:
    page = shown({}, Invalid("填写有误", kind="请填写", fields="请选择"))
    group = re.search(r'<fieldset[^>]*id="f-kind"[^>]*>', page)
    assert group
    assert 'role="radiogroup"' in group[0]
    assert 'aria-invalid="true"' in group[0]
    assert page.count('name="fields"') == len(re.findall(r'name="fields"[^>]* aria-invalid="true"', page))


def test_nothing_ticked_stays_unticked() -> None:
    assert " checked" in shown({"fields": ["city"]})
    assert " checked" not in shown({}, Invalid("填写有误", fields="请选择"))


def test_consequences_name_what_they_are_about() -> None:
    line = {"text": "2 件将缺承办人：", "items": [("/cases/1", "<一>"), ("", "二")], "more": "另有 1 件"}
    page = _template(
        '{% import "macros/forms.html" as forms %}{{ forms.consequence_list(["到 2026-11-21", line]) }}'
    ).render(line=line)
    assert '<li><a href="/cases/1">&lt;一&gt;</a></li><li>二</li><li>另有 1 件</li>' in page
    assert '<span class="nowrap">2026-11-21</span>' in page


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("至 2026-11-21，可办", '至 <span class="nowrap">2026-11-21</span>，可办'),
        ("2026-11-21 09:30 离岗", '<span class="nowrap">2026-11-21 09:30</span> 离岗'),
        ("<b>2026〕12号", "&lt;b&gt;2026〕12号"),
        (unbroken("2026-11-21"), '<span class="nowrap">2026-11-21</span>'),
    ],
)
def test_a_date_stays_whole_in_a_sentence(text: str, marked: str) -> None:
    assert unbroken(text) == marked
