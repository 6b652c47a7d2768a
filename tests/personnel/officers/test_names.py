"""How names are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel.officers.names import LONGEST_INITIALS, LONGEST_PINYIN, SURNAMES, Reading, reading_of, typed


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单雄信", "shanxiongxin", "sxx"),
        ("仇英", "qiuying", "qy"),
        ("解缙", "xiejin", "xj"),
        ("查良镛", "zhaliangyong", "zly"),
        ("盛宣怀", "shengxuanhuai", "sxh"),
        ("区天民", "outianmin", "otm"),
        ("曾国藩", "zengguofan", "zgf"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟卨", "moqixie", "mqx"),
        ("欧阳锋", "ouyangfeng", "oyf"),
        ("朴树", "piaoshu", "ps"),
        ("覃辉", "qinhui", "qh"),
        ("吕布", "lvbu", "lb"),
        ("王 建国", "wangjianguo", "wjg"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
        ("Ａｎｎａ", "anna", "a"),
        ("", "", ""),
    ],
)
def test_a_name_is_read_as_people_say_it(name: str, pinyin: str, initials: str) -> None:
    assert reading_of(name) == Reading(pinyin, initials)


def test_within_a_given_name_a_surname_reads_as_a_word() -> None:
    assert reading_of("王单").pinyin != reading_of("单王").pinyin


@pytest.mark.parametrize(
    ("text", "compared"),
    [("Zhang Wei", "zhangwei"), ("LÜ", "lv"), ("lyu bu", "lvbu"), ("xi'an", "xian"), ("ＳＸＸ", "sxx")],
)
def test_a_search_is_compared_as_pinyin_is_kept(text: str, compared: str) -> None:
    assert typed(text) == compared


@given(st.text(max_size=70))
def test_every_name_has_a_reading_that_fits_its_columns(name: str) -> None:
    reading = reading_of(name)
    assert len(reading.pinyin) <= LONGEST_PINYIN
    assert len(reading.initials) <= LONGEST_INITIALS
    assert all(letter.isascii() and letter.isalnum() for letter in reading.pinyin + reading.initials)


@given(st.sampled_from(sorted(SURNAMES)), st.sampled_from(["伟", "建国", "梅"]))
def test_a_surname_always_reads_the_same(surname: str, given_name: str) -> None:
    assert reading_of(surname + given_name).pinyin.startswith("".join(SURNAMES[surname]))
