"""Invented people: 244 officers of nine teams, most of them sent down to twelve towns.

The region code 320412 has been given out since 2002 and everybody here was born before, so that the identity
numbers, valid in form, belong to nobody.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from personnel.identity import Sex, check_character

SEED: Final = 320412
REGION: Final = "320412"

TEAMS: Final = {  # team: (its field, how many people it owns)
    "区市场监管综合行政执法大队": ("market", 58),
    "区城市管理综合行政执法大队": ("city", 54),
    "区交通运输综合行政执法大队": ("transport", 34),
    "区农业综合行政执法大队": ("agriculture", 32),
    "区应急管理综合行政执法大队": ("emergency", 18),
    "区城建监察大队": ("construction", 14),
    "区劳动监察大队": ("labour", 12),
    "区卫生监督所": ("health", 12),
    "区水政监察大队": ("water", 10),
}
TOWNS: Final = {  # town: how many people are sent there
    "湖塘镇": 34, "牛塘镇": 17, "洛阳镇": 17, "礼嘉镇": 17, "雪堰镇": 15, "前黄镇": 15, "嘉泽镇": 15, "湟里镇": 17,
    "西湖街道": 14, "南夏墅街道": 16, "武进高新区": 17, "太湖湾旅游度假区": 12,
}  # fmt: skip
HOME: Final = sum(count for _field, count in TEAMS.values()) - sum(TOWNS.values())
"""How many stay with their team."""

SURNAMES: Final = (
    *"赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹章苏潘范彭马方任袁柳史唐薛雷贺汤殷罗毕郝安常于傅顾孟黄萧尹",
    "单", "仇", "解", "查", "盛", "尉迟",
)  # fmt: skip
RARE: Final = ("单", "仇", "解", "查", "盛", "尉迟")
"""Read otherwise as surnames than as words; each is in the district."""
FIRST: Final = "景若逸望砚闻歌澜序亭屿禾岫聆槿川砺溯庭樾弈澄岑衡芷"
SECOND: Final = "舟然川远行知宁和野清白言林汀原音之也初南"

ETHNICITIES: Final = ("汉",) * 24 + ("回", "满", "土家")
LEAGUE: Final = "共青团员"
LEAGUE_UNTIL: Final = 28
POLITICS: Final = ("中共党员",) * 9 + ("群众",) * 7 + (LEAGUE,) * 3 + ("民主党派",) * 2
EDUCATIONS: Final = ("本科",) * 6 + ("大专",) * 2 + ("研究生",) * 2
RANKS: Final = (
    ("一级行政执法员",) * 3
    + ("二级行政执法员",) * 3
    + ("三级行政执法员",) * 4
    + ("四级主办",) * 3
    + ("三级主办", "科员")
)
BARRED: Final = ("contract", "dispatched", "auxiliary")
ESTABLISHMENTS: Final = (
    ("enforcement",) * 48 + ("institution",) * 22 + ("civil_service_managed",) * 14 + ("administrative",) * 9
)  # fmt: skip


class Person(msgspec.Struct, frozen=True):
    """Somebody invented. `town` is None for who stays with the team; `squad` counts from 0."""

    name: str
    sex: Sex
    born: date
    id_number: str
    phone: str
    ethnicity: str
    politics: str
    education: str
    rank_title: str
    team: str
    field: str
    town: str | None
    squad: int
    establishment: str
    hired: date


def invent_people(today: date) -> list[Person]:
    """The 244, always the same but for ages, in an order that mixes teams and towns."""
    random = Random(SEED)  # noqa: S311  invention, no secret
    teams = [team for team, (_field, count) in TEAMS.items() for _ in range(count)]
    names = _names(random, len(teams))
    people = [
        _person(random, number, name, team, town, today)
        for number, (name, team, town) in enumerate(zip(names, teams, _evenly_mixed(), strict=True))
    ]
    random.shuffle(people)
    return people


def _evenly_mixed() -> list[str | None]:
    """Each town as often as it has people, None for home, so spread that every team is met in every town."""
    wanted: list[tuple[str | None, int]] = [*TOWNS.items(), (None, HOME)]
    places = [((number + 0.5) / count, town) for town, count in wanted for number in range(count)]
    return [town for _place, town in sorted(places, key=lambda place: place[0])]


def _names(random: Random, count: int) -> list[str]:
    """Different names; a few people do share one, as in any real district."""
    surnames = [*RARE, *RARE, *(random.choice(SURNAMES) for _ in range(count))][:count]
    names: list[str] = []
    for surname in surnames:
        name = surname
        while name == surname or name in names:
            name = surname + _given(random)
        names.append(name)
    names[-1] = names[-2]
    random.shuffle(names)
    return names


def _given(random: Random) -> str:
    return random.choice(FIRST) + (random.choice(SECOND) if random.random() < 0.8 else "")


def _person(random: Random, number: int, name: str, team: str, town: str | None, today: date) -> Person:
    born = date(today.year - random.randint(25, 57), random.randint(1, 12), random.randint(1, 28))
    born = min(born, date(2001, 12, 1) + timedelta(days=number % 28))
    sex: Sex = "male" if random.random() < 0.68 else "female"
    hired = date(min(born.year + random.randint(22, 27), today.year - 1), random.randint(1, 12), 1)
    return Person(
        name=name,
        sex=sex,
        born=born,
        id_number=_id_number(born, sex, number),
        phone=f"1990000{number + 1000:04d}",
        ethnicity=random.choice(ETHNICITIES),
        politics=_politics(random.choice(POLITICS), age_on(today, born)),
        education=random.choice(EDUCATIONS),
        rank_title=random.choice(RANKS),
        team=team,
        field=TEAMS[team][0],
        town=town,
        squad=number % 3,
        establishment=BARRED[number // 30 % 3] if number % 30 == 17 else random.choice(ESTABLISHMENTS),
        hired=min(hired, today - timedelta(days=300)),
    )


def age_on(day: date, born: date) -> int:
    """Full years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _politics(drawn: str, age: int) -> str:
    """Whoever turns 28 leaves the League."""
    return "群众" if drawn == LEAGUE and age >= LEAGUE_UNTIL else drawn


def _id_number(born: date, sex: Sex, number: int) -> str:
    """The order within the day counts down from the top, where hardly any registry gets."""
    order = 999 - 2 * (number % 40) - (sex == "female")
    digits = f"{REGION}{born:%Y%m%d}{order:03d}"
    return digits + check_character(digits)


def in_town(people: Sequence[Person], town: str) -> list[Person]:
    """Who is sent to this town."""
    return [person for person in people if person.town == town]
