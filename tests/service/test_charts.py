"""The pictures say what the tables beside them say, and none is wider than its place."""

import re
from datetime import date
from typing import Any

from chizheng.kernel.templating import make_engine

MONTHS = [(f"{2026 + month // 12}-{month % 12 + 1:02d}", month) for month in range(10, 22)]
ROWS = [
    (
        "派驻",
        [(date(2023, 9, 1), date(2028, 9, 1), "ink", "湖塘镇"), (date(2028, 9, 1), None, "ink", "牛塘镇")],
    )
]


def drawn(name: str, *arguments: Any, **more: Any) -> str:
    module: Any = make_engine().engine.get_template("macros/charts.html").module
    return str(getattr(module, name)(*arguments, **more))


def test_a_span_is_told_with_its_last_day() -> None:
    picture = drawn("spans", "履历图", rows=ROWS, first=date(2022, 1, 1), last=date(2029, 1, 1))
    assert re.findall(r"<title>(湖塘镇 [^<]+)</title>", picture) == ["湖塘镇 2023-09-01–2028-08-31"]
    assert "2028-09-01;" not in picture
    assert "牛塘镇 2028-09-01–;" in picture


def test_no_picture_is_wider_than_its_place() -> None:
    today = date(2026, 11, 22)
    for picture in (
        drawn("columns", MONTHS, "每月到期证件"),
        drawn("spans", "履历图", rows=ROWS, first=date(2022, 1, 1), last=date(2029, 1, 1), today=today),
    ):
        assert '<svg class="chart-columns" width="100%"' in picture or '<svg width="100%"' in picture
        places = [float(x) for x in re.findall(r'\bx="([\d.]+)%"', picture)]
        assert 0 <= min(places) <= max(places) <= 100


def test_months_are_named_briefly_and_each_year_where_it_begins() -> None:
    picture = drawn("columns", MONTHS, "每月到期证件")
    ticks = re.findall(r'class="tick[^"]*"[^>]*>([^<]+)<', picture)
    assert ticks == ["11", "2026", "12", "01", "2027", *(f"{month:02d}" for month in range(2, 11))]
