"""How a name is read, for search: whole pinyin and initials. As a surname a character often reads differently."""

import unicodedata
from typing import Final

import msgspec
from pypinyin import lazy_pinyin

LONGEST_PINYIN: Final = 120
LONGEST_INITIALS: Final = 20

SURNAMES: Final = {
    "万俟": ("mo", "qi"), "尉迟": ("yu", "chi"), "单于": ("chan", "yu"), "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "宿勤": ("su", "qin"), "尉犁": ("yu", "li"),
    "单": ("shan",), "仇": ("qiu",), "解": ("xie",), "查": ("zha",), "盛": ("sheng",), "区": ("ou",),
    "曾": ("zeng",), "缪": ("miao",), "朴": ("piao",), "盖": ("ge",), "覃": ("qin",), "翟": ("zhai",),
    "种": ("chong",), "乐": ("yue",), "任": ("ren",), "华": ("hua",), "员": ("yun",), "隗": ("wei",),
    "尉": ("wei",), "秘": ("bi",), "繁": ("po",), "折": ("she",), "洗": ("xian",), "冼": ("xian",),
    "祭": ("zhai",), "相": ("xiang",), "都": ("du",), "会": ("gui",), "薄": ("bo",), "郇": ("xun",),
    "贲": ("ben",), "句": ("gou",), "召": ("shao",), "重": ("chong",), "行": ("xing",), "黑": ("he",),
    "卜": ("bu",), "宁": ("ning",), "葛": ("ge",), "纪": ("ji",), "谌": ("chen",), "燕": ("yan",),
    "应": ("ying",), "要": ("yao",), "曲": ("qu",), "石": ("shi",), "宿": ("su",), "车": ("che",),
    "晁": ("chao",), "牟": ("mou",), "殷": ("yin",), "费": ("fei",), "贾": ("jia",), "俞": ("yu",),
    "佘": ("she",), "那": ("na",), "哈": ("ha",), "逄": ("pang",), "宓": ("mi",), "强": ("qiang",),
    "过": ("guo",), "干": ("gan",), "於": ("yu",), "沈": ("shen",), "大": ("da",), "和": ("he",),
    "降": ("jiang",), "占": ("zhan",), "中": ("zhong",), "幸": ("xing",), "谷": ("gu",), "藏": ("zang",),
    "臧": ("zang",), "柏": ("bai",), "卓": ("zhuo",), "将": ("jiang",), "晟": ("cheng",), "茆": ("mao",),
}  # fmt: skip
"""A surname's syllables, where a dictionary's first reading is or may become another."""


class Reading(msgspec.Struct, frozen=True):
    """单雄信 is read pinyin `shanxiongxin`, initials `sxx`; ü is written v."""

    pinyin: str
    initials: str


def reading_of(name: str) -> Reading:
    """How a name is read; letters of other scripts stand for themselves, signs between them are dropped."""
    text = "".join(unicodedata.normalize("NFKC", name).split())
    surname = next((text[:length] for length in (2, 1) if text[:length] in SURNAMES), "")
    parts = [*SURNAMES.get(surname, ()), *lazy_pinyin(text[len(surname) :])]
    syllables = [word for word in (_letters(part) for part in parts) if word]
    return Reading(
        "".join(syllables)[:LONGEST_PINYIN], "".join(word[0] for word in syllables)[:LONGEST_INITIALS]
    )


def typed(text: str) -> str:
    """What somebody typed into a search box, as it is compared with pinyin: lower case, no spaces, lü and lyu as lv."""
    narrow = "".join(unicodedata.normalize("NFKC", text).lower().split()).replace("'", "").replace("’", "")
    return narrow.replace("ü", "v").replace("lyu", "lv").replace("nyu", "nv")


def _letters(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
