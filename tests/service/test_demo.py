"""The demo district: invented, alive on any day, and true to the gate."""

import stat
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from chizheng.clearance.decisions.queries import Filter, list_decisions
from chizheng.kernel import clock, keys
from chizheng.kernel.access import EVERYWHERE
from chizheng.kernel.audit.chain import verify
from chizheng.kernel.db import fetch, fetch_value
from chizheng.service.accounts.hashing import verify_password
from chizheng.service.demo import LOGINS_FILE, kept_logins, seed_demo
from chizheng.service.demo.careers import invent_careers
from chizheng.service.demo.facts import years_later
from chizheng.service.demo.people import LEAGUE, TEAMS, TOWNS, age_on, invent_people
from chizheng.service.starter import start_directory
from personnel.identity import IdNumber, parse_id_number

DAYS = [date(2026, 11, 21), date(2028, 2, 29), date(2031, 1, 1)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
async def demo(db: str, home: Path) -> None:
    await start_directory()
    await seed_demo(kept_logins(home), clock.today())


async def counted(sql: str) -> dict[str, int]:
    return {row[0]: row[1] for row in await fetch(sql)}


@pytest.mark.parametrize("today", DAYS)
def test_the_same_people_on_any_day_with_numbers_valid_in_form(today: date) -> None:
    people = invent_people(today)
    assert [person.name for person in people] == [person.name for person in invent_people(DAYS[0])]
    read = [parse_id_number(person.id_number) for person in people]
    assert [(number.born, number.sex) for number in read if isinstance(number, IdNumber)] == [
        (person.born, person.sex) for person in people
    ]
    assert len({person.id_number for person in people}) == 244
    assert max(person.born for person in people) < date(2002, 1, 1), (
        "the region code is younger than everybody"
    )


@pytest.mark.parametrize("today", DAYS)
def test_every_way_of_standing_is_met_on_any_day(today: date) -> None:
    careers = invent_careers(invent_people(today), today)
    assert Counter(posting.kind for career in careers for posting in career.posted) == {
        "secondment": 201, "home_duty": 47, "leadership": 6, "station": 3, "exchange": 4, "borrowing": 4,
    }  # fmt: skip
    events = Counter(event.verb for career in careers for held in career.certified for event in held.events)
    assert {verb: events[verb] for verb in ("suspend", "reinstate", "revoke", "cancel", "report_lost", "reissue")} == {
        "suspend": 9, "reinstate": 2, "revoke": 2, "cancel": 3, "report_lost": 5, "reissue": 2,
    }  # fmt: skip


async def test_the_district_has_its_244_officers_where_they_belong(demo: None) -> None:
    assert await fetch_value("SELECT count(*) FROM officer") == 244
    owned = "SELECT u.name, count(DISTINCT p.officer) FROM posting p JOIN unit u ON u.id = p.owner_unit GROUP BY 1"
    assert await counted(owned) == {team: count for team, (_field, count) in TEAMS.items()}
    managed = await counted(
        "SELECT u.name, count(*) FROM posting p JOIN unit u ON u.id = p.manager_unit WHERE u.kind = 'town'"
        " AND daterange(p.valid_from, p.valid_to) @> shanghai_today() GROUP BY 1"
    )
    assert managed.keys() == TOWNS.keys()
    assert sum(managed.values()) / 244 >= 0.8, "the reform wants four fifths of the force in the towns"


async def test_the_shown_bureau_meets_every_gap_a_person_can_have(demo: None) -> None:
    codes = await fetch_value(
        "SELECT array_agg(DISTINCT g.code ORDER BY g.code)"
        " FROM unit b JOIN unit_ancestor a ON a.ancestor = b.id JOIN posting p ON p.user_unit = a.unit"
        " JOIN officer o ON o.id = p.officer,"
        " LATERAL clearance_gaps(o.id, 'lead', o.field, b.id, shanghai_today(), shanghai_today() + 7) g"
        " WHERE b.name = '湖塘镇综合行政执法局' AND p.superseded_at IS NULL"
    )
    assert set(codes) >= {
        "area_not_covered", "borrowed_out", "certificate_cancelled", "certificate_expired", "certificate_lost",
        "certificate_not_started", "certificate_revoked", "certificate_suspended", "field_not_covered",
        "no_certificate", "not_in_establishment", "not_posted_here",
    }  # fmt: skip


async def test_names_are_found_by_how_surnames_are_read(demo: None) -> None:
    read = await counted(
        "SELECT DISTINCT ON (1) substr(pinyin, 1, 3), 1 FROM officer WHERE substr(name, 1, 1) IN ('单', '仇', '解', '查')"
    )
    assert read.keys() == {"sha", "qiu", "xie", "zha"}


async def test_cases_stand_as_their_handlers_do(demo: None) -> None:
    standing = await counted(
        "SELECT CASE WHEN status = 'closed' THEN 'closed' ELSE handlers::text END, count(*) FROM ("
        "  SELECT c.status, (SELECT count(*) FROM assignment a WHERE a.case_file = c.id AND a.ended_at IS NULL"
        "                    AND a.role IN ('lead', 'co_handler')) AS handlers FROM case_file c) AS cases GROUP BY 1"
    )
    assert standing == {"2": 15, "1": 4, "0": 4, "closed": 8}
    assert await fetch_value("SELECT count(*) FROM assignment WHERE ending = 'stood_down'") == 4


async def test_no_handler_lacks_clearance(demo: None) -> None:
    uncleared = await fetch(
        "SELECT a.id FROM assignment a JOIN case_file c ON c.id = a.case_file,"
        " LATERAL clearance_gaps(a.officer, a.role, c.field, c.unit, greatest(a.valid_from, shanghai_today()), a.valid_to) g"
        " WHERE a.ended_at IS NULL AND g.hard"
    )
    assert uncleared == []


async def test_refusals_of_this_week_are_kept_with_their_gaps(demo: None) -> None:
    rows = await fetch("SELECT gaps FROM decision WHERE NOT allowed AND kind = 'assign'")
    assert len(rows) == 10
    assert all(row["gaps"] for row in rows)


async def test_whatever_came_through_a_page_was_asked_by_somebody(demo: None) -> None:
    found = await list_decisions(EVERYWHERE, Filter(result="all"), size=200)
    assert {(one.door, one.who) for one in found.items} == {
        ("page", "湖塘镇综合行政执法局内勤"), ("demo", None), ("gate", None),
    }  # fmt: skip


@pytest.mark.parametrize("today", DAYS)
def test_nobody_is_too_young_to_retire_or_too_old_for_the_league(today: date) -> None:
    people = invent_people(today)
    careers = invent_careers(people, today)
    retired = [
        age_on(today, person.born)
        for person, career in zip(people, careers, strict=True)
        if any(span.status == "retired" for span in career.served)
    ]
    assert len(retired) == 2
    assert min(retired) >= 50
    assert max((age_on(today, p.born) for p in people if p.politics == LEAGUE), default=0) < 29


@pytest.mark.parametrize("today", DAYS)
def test_terms_are_whole_years(today: date) -> None:
    careers = invent_careers(invent_people(today), today)
    ends = {
        (held.start, held.end) for career in careers for held in career.certified
    } | {
        (posting.start, posting.end)
        for career in careers
        for posting in career.posted
        if posting.kind == "secondment" and posting.end and posting.end > posting.start + timedelta(days=1800)
    }  # fmt: skip
    assert {(start, end) for start, end in ends if years_later(start, 5) != end} == set()


async def test_every_role_has_a_login_that_works_at_once(demo: None, home: Path) -> None:
    logins = kept_logins(home)
    held = await fetch(
        "SELECT a.username, a.password_hash, a.must_change, g.role, u.name AS unit FROM account a"
        " JOIN account_grant g ON g.account = a.id JOIN unit u ON u.id = g.unit ORDER BY a.username"
    )
    assert [(row["username"], row["role"], row["unit"], row["must_change"]) for row in held] == sorted(
        (login.username, login.role, login.unit, False) for login in logins
    )
    by_name = {login.username: login.password for login in logins}
    assert await verify_password(held[0]["password_hash"], by_name[held[0]["username"]])


async def test_the_officers_login_is_that_of_a_cleared_officer_on_a_case(demo: None) -> None:
    assert await fetch_value(
        "SELECT count(*) FROM account a JOIN assignment s ON s.officer = a.officer AND s.ended_at IS NULL"
        " WHERE a.username = 'officer' AND s.role = 'lead'"
    ) >= 1  # fmt: skip


async def test_seeding_leaves_a_log_that_verifies(demo: None) -> None:
    assert await verify(used=True) == []


async def test_a_second_start_changes_nothing(demo: None, home: Path) -> None:
    assert await seed_demo(kept_logins(home), clock.today() + timedelta(days=1)) is False


async def test_nobody_of_the_demo_is_in_the_sample_roster(demo: None, shared_data: Path) -> None:
    class Truth(msgspec.Struct):
        truth: list[dict[str, object]]

    sample = msgspec.json.decode((shared_data / "roster-244.expected.json").read_bytes(), type=Truth).truth
    indexes = [keys.blind(str(row["id"])) for row in sample]
    assert await fetch_value("SELECT count(*) FROM officer WHERE id_number_index = ANY ($1)", indexes) == 0
    numbers = [row["certificate"] for row in sample]
    assert await fetch_value("SELECT count(*) FROM certificate WHERE number = ANY ($1)", numbers) == 0


def test_passwords_are_kept_for_the_owner_alone(tmp_path: Path) -> None:
    first = kept_logins(tmp_path)
    assert kept_logins(tmp_path) == first
    assert stat.S_IMODE((tmp_path / LOGINS_FILE).stat().st_mode) == 0o600
    (tmp_path / "another").mkdir()
    assert kept_logins(tmp_path / "another") != first
