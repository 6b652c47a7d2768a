"""Who meets which fate. Each fate falls at least once on 湖塘镇, whose bureau the tour looks at."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from chizheng.service.demo import certificates, postings
from chizheng.service.demo.facts import Career, Served
from chizheng.service.demo.people import BARRED, SEED, Person

SHOWN: Final = "湖塘镇"
REVIEWERS: Final = 16
QUALIFIED_REVIEWERS: Final = 12
OTHERS_QUALIFIED: Final = 14
CLERKS: Final = 12

RETIREMENTS: Final = ("retired", "retiring_soon")
OTHER_ENDS: Final = ("suspended", "left")


def invent_careers(people: Sequence[Person], today: date) -> list[Career]:
    """The facts about each person, in the same order."""
    random = Random(SEED + 1)  # noqa: S311  invention, no secret
    sent = [number for number, person in enumerate(people) if person.town]
    held = [number for number in sent if people[number].establishment not in BARRED]
    random.shuffle(sent)
    random.shuffle(held)
    ends = _ends([n for n in held if people[n].town != SHOWN], people)
    posting_fates = _deal(postings.FATES, [n for n in sent if n not in ends], people)
    certificate_fates = _deal(certificates.FATES, [n for n in held if n not in ends], people)
    posts = _posts([n for n in held if n not in ends], people)
    qualified = _qualified(posts, held)
    return [
        Career(
            served=_service(person, ends.get(number), today),
            posted=postings.postings_of(
                person, posting_fates.get(number), posts.get(number, "enforcement"), random, today
            ),
            certified=_certificates(person, certificate_fates.get(number), random, today),
            qualified_on=today - timedelta(days=900 + number) if number in qualified else None,
        )
        for number, person in enumerate(people)
    ]


def _ends(numbers: Sequence[int], people: Sequence[Person]) -> dict[int, str]:
    """The eldest women retire; they reach the age some years before men do."""
    by_age = sorted(numbers, key=lambda number: (people[number].sex != "female", people[number].born))
    others = [number for number in numbers if number not in by_age[: len(RETIREMENTS)]]
    return dict(zip(by_age, RETIREMENTS, strict=False)) | dict(zip(others, OTHER_ENDS, strict=False))


def _deal(fates: Mapping[str, int], numbers: Sequence[int], people: Sequence[Person]) -> dict[int, str]:
    """One of each fate to the shown town where it fits, not to its market people; the rest to the others."""
    shown = [n for n in numbers if people[n].town == SHOWN and people[n].field != "market"]
    others = [n for n in numbers if people[n].town != SHOWN]
    dealt: dict[int, str] = {}
    for fate, count in fates.items():
        if fate == "station":
            dealt |= dict.fromkeys(_one_each(postings.STATIONS, numbers, people, dealt), fate)
            shown, others = ([n for n in left if n not in dealt] for left in (shown, others))
            continue
        here = 1 if shown else 0
        for number in [*shown[:here], *others[: count - here]]:
            dealt[number] = fate
        shown, others = shown[here:], others[count - here :]
    return dealt


def _one_each(
    towns: Mapping[str, str], numbers: Sequence[int], people: Sequence[Person], dealt: Mapping[int, str]
) -> list[int]:
    return [next(n for n in numbers if people[n].town == town and n not in dealt) for town in towns]


def _posts(numbers: Sequence[int], people: Sequence[Person]) -> dict[int, str]:
    """Legal reviewers, two of them in the shown town, then clerks."""
    shown = [n for n in numbers if people[n].town == SHOWN]
    others = [n for n in numbers if people[n].town != SHOWN]
    reviewers = [shown[-1], *others[: REVIEWERS - 2], shown[-2]]
    clerks = others[REVIEWERS : REVIEWERS + CLERKS]
    return dict.fromkeys(reviewers, "legal_review") | dict.fromkeys(clerks, "office")


def _qualified(posts: Mapping[int, str], numbers: Sequence[int]) -> set[int]:
    """Most reviewers, not the last ones, and some who enforce."""
    reviewers = [number for number, post in posts.items() if post == "legal_review"]
    others = [number for number in numbers if number not in posts]
    return {*reviewers[:QUALIFIED_REVIEWERS], *others[:OTHERS_QUALIFIED]}


def _service(person: Person, end: str | None, today: date) -> tuple[Served, ...]:
    if end is None:
        return (Served("active", person.hired),)
    day = today + timedelta(days={"retired": -25, "suspended": -10, "left": -40, "retiring_soon": 21}[end])
    reason = {"suspended": "接受调查期间停止执行职务", "left": "调离本区"}.get(end, "到龄退休")
    status = "retired" if end == "retiring_soon" else end
    return (Served("active", person.hired, day), Served(status, day, reason=reason))


def _certificates(person: Person, fate: str | None, random: Random, today: date) -> certificates.Made:
    """Auxiliary and dispatched staff hold none; the old ones of contract staff nobody has taken back."""
    if person.establishment in ("auxiliary", "dispatched"):
        return ()
    return certificates.certificates_of(person, fate, random, today)
