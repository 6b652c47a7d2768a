"""Two languages. Messages are written in Chinese; the English ones lie in `locale/en.po` (gettext).

The language is a context variable, set by each request (or by the command line from LANG).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

CHINESE = "zh-CN"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)
LOCALE = Path(__file__).parent / "locale"

_language: ContextVar[str] = ContextVar("language", default=CHINESE)


def _(message: str, /, **values: object) -> str:
    """The message in the current language, `%(name)s` filled in."""
    text = message if _language.get() == CHINESE else english().get(message, message)
    return text % values if values else text


def N_(message: str, /) -> str:
    """Marks a constant for the catalogue; it is translated when shown."""
    return message


def language() -> str:
    """The current language, one of `LANGUAGES`."""
    return _language.get()


def set_language(chosen: str) -> None:
    """Sets the language of this context; an unknown one means Chinese."""
    _language.set(chosen if chosen in LANGUAGES else CHINESE)


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """The language for the length of a block."""
    token = _language.set(chosen)
    try:
        yield
    finally:
        _language.reset(token)


@cache
def english() -> dict[str, str]:
    """Chinese message -> English message, read once from the catalogue."""
    path = LOCALE / "en.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale="en")
    messages: dict[Any, Any] = {entry.id: entry.string for entry in catalogue if entry.id and entry.string}
    return messages
