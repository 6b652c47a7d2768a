"""Every message has its English, with the same blanks to fill."""

import re
import tomllib
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from chizheng.kernel import i18n
from chizheng.kernel.i18n import CHINESE, ENGLISH, _, language, set_language, speaking

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[一-鿿]")
BLANK = re.compile(r"%\((\w+)\)s")


def _messages() -> set[str]:
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found: set[str] = set()
    for folder in ("src", "personnel", "courses", "exams"):
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, method_map=methods, keywords={"_": None, "N_": None}
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


def _english() -> dict[str, str]:
    with (i18n.LOCALE / "en.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


def test_every_message_has_its_english() -> None:
    catalogue = _english()
    missing = sorted(message for message in _messages() if not catalogue.get(message))
    assert missing == [], "run `make messages` and fill src/chizheng/kernel/locale/en.po"


def test_no_english_message_is_left_over() -> None:
    assert sorted(set(_english()) - _messages()) == []


def test_both_languages_fill_the_same_blanks() -> None:
    wrong = {zh for zh, en in _english().items() if sorted(BLANK.findall(zh)) != sorted(BLANK.findall(en))}
    assert wrong == set()


def test_english_holds_no_chinese_but_names_of_things() -> None:
    allowed = {"中文"}  # the language switch names each language in itself
    wrong = {en for zh, en in _english().items() if HAN.search(en) and en not in allowed}
    assert wrong == set()


def test_the_language_holds_for_a_block() -> None:
    with speaking(ENGLISH):
        assert language() == ENGLISH
    assert language() == CHINESE


def test_an_unknown_language_means_chinese() -> None:
    with speaking(ENGLISH):
        set_language("tlh")
        assert language() == CHINESE


def test_blanks_are_filled() -> None:
    assert _("共 %(count)s 人", count=3) == "共 3 人"
