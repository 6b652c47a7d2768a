"""The Jinja2 environment: autoescape, strict about unknown names, templates found by noun."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from markupsafe import Markup, escape

from chizheng.kernel import clock
from chizheng.kernel.access import ROLE_NAMES
from chizheng.kernel.assets import asset
from chizheng.kernel.i18n import _

SOURCE = Path(__file__).parents[1]
ROOT = SOURCE.parents[1]
GROUNDS = (SOURCE / "service", SOURCE / "clearance", ROOT / "personnel", ROOT / "courses", ROOT / "exams")

DAY = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")

_labels: dict[str, Mapping[str, str]] = {"role": {str(role): name for role, name in ROLE_NAMES.items()}}


def register_labels(kind: str, words: Mapping[str, str]) -> None:
    """Makes `{{ value | label("kind") }}` say the word for an English code."""
    _labels[kind] = words


def label(value: str, kind: str | Mapping[str, str]) -> str:
    """The word for a code in the current language; the code itself when it has none."""
    words = _labels[kind] if isinstance(kind, str) else kind
    return _(words[value]) if value in words else str(value)


def day(value: date | datetime | None) -> str:
    """`2026-11-21`, in Shanghai; an instant counts as its Shanghai day. Empty for None."""
    if value is None:
        return ""
    return (clock.shanghai_day(value) if isinstance(value, datetime) else value).isoformat()


def last_day(value: date | None) -> str:
    """The last day before a half-open end: what people call 有效期至. Empty for None."""
    return "" if value is None else (value - timedelta(days=1)).isoformat()


def time(value: datetime | None) -> str:
    """`2026-11-21 14:32`, Shanghai time. Empty for None."""
    return "" if value is None else f"{clock.shanghai_time(value):%Y-%m-%d %H:%M}"


def unbroken(text: object) -> Markup:
    """A sentence whose dates stay whole: browsers would break them after a hyphen. Markup is left as it is."""
    if isinstance(text, Markup):
        return text
    return Markup(DAY.sub(r'<span class="nowrap">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped just here


def template_folders() -> list[Path]:
    """The service's own, then one for each noun that has pages."""
    return [SOURCE / "service/templates", *sorted(f for g in GROUNDS for f in g.glob("*/templates"))]


def make_engine() -> JinjaTemplateEngine:
    """The template engine of the application."""
    environment = Environment(
        loader=FileSystemLoader(template_folders()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=True,
    )
    environment.globals.update({"_": _, "asset": asset})
    filters: dict[str, Any] = {
        "day": day,
        "last_day": last_day,
        "time": time,
        "label": label,
        "unbroken": unbroken,
    }
    environment.filters.update(filters)
    return JinjaTemplateEngine.from_environment(environment)
