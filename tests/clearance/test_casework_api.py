"""Clearance, cases, assignments and decisions over the API."""

from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from chizheng.kernel.access import Role
from chizheng.kernel.db import engine, fetch_value
from chizheng.kernel.ids import new_id
from tests import cast
from tests.clearance.stage import NEXT_MONTH, TODAY, TOMORROW, suspended
from tests.web import Browser, ClientFor


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


@pytest.fixture
async def clerk(client_for: ClientFor, district: cast.District) -> Browser:
    return await client_for(Role.TOWN_BUREAU, district.bureau)


async def barred(district: cast.District) -> UUID:
    officer = await cast.an_officer(district, "王建国")
    await suspended(officer)
    return officer


async def test_clearance_of_an_officer(clerk: Browser, district: cast.District) -> None:
    officer = await cast.an_officer(district)
    answer = await clerk.get(f"/api/v1/officers/{officer}/clearance")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "officer": str(officer), "name": "陈一", "role": "lead", "field": "market", "unit": str(district.bureau),
            "from": TODAY.isoformat(), "to": TOMORROW.isoformat(), "cleared": True, "gaps": [],
        },
    )  # fmt: skip


async def test_clearance_over_an_interval_tells_gaps_in_words(
    clerk: Browser, district: cast.District
) -> None:
    officer = await barred(district)
    answer = await clerk.get(
        f"/api/v1/officers/{officer}/clearance",
        params={
            "from": TODAY.isoformat(),
            "to": NEXT_MONTH.isoformat(),
            "field": "city",
            "role": "co_handler",
        },
    )
    told = answer.json()
    assert [(gap["code"], gap["from"], gap["to"], gap["hard"]) for gap in told["gaps"]] == [
        ("certificate_suspended", TODAY.isoformat(), NEXT_MONTH.isoformat(), True),
        ("field_not_covered", TODAY.isoformat(), NEXT_MONTH.isoformat(), True),
    ]
    assert told["cleared"] is False
    assert told["gaps"][1]["message"] == "证件类别为市场监管，不含城市管理"


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"on": "2026-01-01", "from": "2026-01-01"}, "on"),
        ({"to": "2026-01-01"}, "from"),
        ({"from": "2026-01-02", "to": "2026-01-02"}, "to"),
        ({"on": "tomorrow"}, "on"),
        ({"role": "boss"}, "role"),
        ({"field": "magic"}, "field"),
        ({"unit": "x"}, "unit"),
        ({"unit": str(new_id())}, "unit"),
    ],
)
async def test_a_wrong_question_names_the_parameter(
    clerk: Browser, district: cast.District, asked: dict[str, str], named: str
) -> None:
    officer = await cast.an_officer(district)
    answer = await clerk.get(f"/api/v1/officers/{officer}/clearance", params=asked)
    assert answer.status_code == 422
    assert list(answer.json()["details"]["errors"]) == [named]


@pytest.mark.parametrize("field", [{}, {"field": "market"}])
async def test_whoever_sees_all_is_told_of_a_unit_that_is_not_there(
    client_for: ClientFor, district: cast.District, field: dict[str, str]
) -> None:
    supervisor = await client_for(Role.SUPERVISOR, district.root)
    path = f"/api/v1/officers/{await cast.an_officer(district)}/clearance"
    asked = [
        await supervisor.get(path, params={**field, "unit": str(unit)})
        for unit in (district.bureau, district.other_bureau, new_id())
    ]
    assert [answer.status_code for answer in asked] == [200, 200, 422]
    assert [gap["code"] for gap in asked[1].json()["gaps"]] == ["not_posted_here"]
    assert list(asked[2].json()["details"]["errors"]) == ["unit"]


async def test_clearance_of_a_unit(clerk: Browser, district: cast.District) -> None:
    await cast.an_officer(district, "李雪梅", ("market", "city"))
    await barred(district)
    told = (await clerk.get(f"/api/v1/units/{district.bureau}/clearance")).json()
    assert (told["cleared"], told["total"], told["role"]) == (1, 2, "lead")
    stand = {
        one["name"]: [(f["field"], f["cleared"], [g["code"] for g in f["gaps"]]) for f in one["fields"]]
        for one in told["items"]
    }
    assert stand == {
        "李雪梅": [("market", True, []), ("city", True, [])],
        "王建国": [("market", False, ["certificate_suspended"])],
    }
    city = (await clerk.get(f"/api/v1/units/{district.bureau}/clearance", params={"field": "city"})).json()
    assert (city["cleared"], city["total"]) == (1, 2)


async def test_what_is_out_of_reach_is_not_found(client_for: ClientFor, district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    stranger = await client_for(Role.TOWN_BUREAU, district.other_bureau)
    for path in (f"officers/{officer}/clearance", f"units/{district.bureau}/clearance", f"cases/{case}",
                 f"cases/{case}/assignments", f"cases/{new_id()}", "decisions/987654321"):  # fmt: skip
        assert (await stranger.get(f"/api/v1/{path}")).status_code == 404, path


async def test_a_case_is_opened_listed_read_and_closed(clerk: Browser, district: cast.District) -> None:
    new = {"unit": str(district.bureau), "field": "market", "title": "无照经营案", "due_on": NEXT_MONTH.isoformat(),
           "number": f"接综执立〔{TODAY.year}〕7号"}  # fmt: skip
    opened = await clerk.post("/api/v1/cases", json=new)
    assert opened.status_code == 201
    case = opened.json()
    assert (case["number"], case["handlers"], case["handlers_needed"], case["status"]) == (
        new["number"],
        0,
        2,
        "open",
    )
    again = await clerk.post("/api/v1/cases", json=new)
    assert (again.status_code, again.json()["code"]) == (409, "case_number_taken")
    listed = (await clerk.get("/api/v1/cases", params={"short": "true", "status": "open"})).json()
    assert ([one["id"] for one in listed["items"]], listed["total"], listed["page"]) == ([case["id"]], 1, 1)
    assert (await clerk.get(f"/api/v1/cases/{case['id']}")).json() == case
    closed = await clerk.post(f"/api/v1/cases/{case['id']}/close", json={})
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    assert (await clerk.post(f"/api/v1/cases/{case['id']}/close", json={})).json()["code"] == "case_closed"
    assert (await clerk.get("/api/v1/cases", params={"status": "lost"})).status_code == 422


async def test_a_case_of_wrong_shape_or_another_bureau_is_refused(
    clerk: Browser, district: cast.District
) -> None:
    new = {"unit": str(district.other_bureau), "field": "market", "title": "x", "due_on": NEXT_MONTH.isoformat(),
           "number": f"接综执立〔{TODAY.year}〕9号"}  # fmt: skip
    for wrong, named in (
        (new, "unit"),
        ({**new, "unit": "x"}, "unit"),
        ({**new, "due_on": 7}, "due_on"),
        ({**new, "unit": str(district.bureau), "title": " "}, "title"),
        ({**new, "unit": str(district.bureau), "title": "字" * 201}, "title"),
    ):
        answer = await clerk.post("/api/v1/cases", json=wrong)
        assert (answer.status_code, list(answer.json()["details"]["errors"])) == (422, [named])


async def test_who_is_not_cleared_is_told_so_before_who_is_in_the_way(
    clerk: Browser, district: cast.District
) -> None:
    case = await cast.a_case(district, TODAY)
    await cast.assign(case, await cast.an_officer(district), TODAY, TODAY + timedelta(days=9))
    newcomer = await cast.a_person("丁一")
    await cast.posted(newcomer, district)
    answer = await clerk.post(
        f"/api/v1/cases/{case}/assignments", json={"officer": str(newcomer), "role": "lead"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cleared")
    assert {gap["code"] for gap in answer.json()["details"]["gaps"]} == {
        "no_certificate", "not_in_establishment", "not_in_service",
    }  # fmt: skip


async def test_one_officer_is_assigned_and_released(clerk: Browser, district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY, days=60)
    made = await clerk.post(
        f"/api/v1/cases/{case}/assignments", json={"officer": str(officer), "role": "lead"}
    )
    assert made.status_code == 201
    one = made.json()
    assert (one["officer"], one["role"], one["from"], one["to"]) == (
        str(officer), "lead", TODAY.isoformat(), (TODAY + timedelta(days=61)).isoformat(),
    )  # fmt: skip
    assert await fetch_value("SELECT door FROM assignment WHERE case_file = $1", case) == "api"
    assert (
        await clerk.post(f"/api/v1/assignments/{one['id']}/release", json={"reason": ""})
    ).status_code == 422
    released = await clerk.post(f"/api/v1/assignments/{one['id']}/release", json={"reason": "岗位调整"})
    assert (released.status_code, released.json()["ending"]) == (200, "released")
    again = await clerk.post(f"/api/v1/assignments/{one['id']}/release", json={"reason": "岗位调整"})
    assert (again.status_code, again.json()["code"]) == (409, "assignment_ended")
    everybody = (await clerk.get(f"/api/v1/cases/{case}/assignments")).json()
    assert [(item["id"], item["ending"]) for item in everybody["items"]] == [(one["id"], "released")]


async def test_the_api_refuses_with_all_gaps_and_keeps_the_decision(
    clerk: Browser, district: cast.District
) -> None:
    officer, case = await barred(district), await cast.a_case(district, TODAY, field="city")
    answer = await clerk.post(
        f"/api/v1/cases/{case}/assignments", json={"officer": str(officer), "role": "lead"}
    )
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "not_cleared")
    assert [gap["code"] for gap in told["details"]["gaps"]] == ["certificate_suspended", "field_not_covered"]
    assert set(told["details"]["gaps"][0]) == {
        "code",
        "hard",
        "from",
        "to",
        "detail",
        "message",
        "basis",
        "cure",
    }
    kept = await fetch_value(
        "SELECT id FROM decision WHERE case_file = $1 AND NOT allowed AND door = 'api'", case
    )
    assert told["details"]["decision"] == str(kept)
    number = told["details"]["refused"][0]["number"]
    decision = (await clerk.get(f"/api/v1/decisions/{number}")).json()
    assert (decision["id"], decision["allowed"], len(decision["facts"]) > 3) == (str(kept), False, True)
    assert (await clerk.get("/api/v1/decisions")).json()["items"][0]["number"] == number


async def test_a_list_is_assigned_whole_or_not_at_all(clerk: Browser, district: cast.District) -> None:
    good, second, bad = (
        await cast.an_officer(district),
        await cast.an_officer(district),
        await barred(district),
    )
    case = await cast.a_case(district, TODAY)
    path = f"/api/v1/cases/{case}/assignments"

    def team(second: UUID) -> list[dict[str, str]]:
        return [{"officer": str(good), "role": "lead"}, {"officer": str(second), "role": "co_handler"}]

    refused = await clerk.post(path, json=team(bad))
    assert refused.status_code == 409
    assert [one["officer"] for one in refused.json()["details"]["refused"]] == [str(bad)]
    assert (await clerk.get(path)).json()["total"] == 0
    assert (await clerk.post(path, json=team(second))).json()["total"] == 2
    assert (await clerk.post(path, json=[])).status_code == 422
    assert (await clerk.post(path, json={"officer": str(good)})).status_code == 422


async def test_a_database_prompt_is_refused_too(district: cast.District) -> None:
    officer, case = await barred(district), await cast.a_case(district, TODAY)
    assert engine.pool is not None
    async with engine.pool.acquire() as prompt:
        with pytest.raises(asyncpg.CheckViolationError) as error:
            await prompt.execute(
                "INSERT INTO assignment (case_file, officer, role, valid_from, valid_to) VALUES ($1, $2, 'lead', $3, $4)",
                case, officer, TODAY, NEXT_MONTH,
            )  # fmt: skip
    assert error.value.constraint_name == "not_cleared"


async def test_lists_take_as_many_statements_for_thirty_rows_as_for_one(
    clerk: Browser, district: cast.District
) -> None:
    assert engine.pool is not None

    async def statements(path: str) -> int:
        counted: list[str] = []
        connections = [await engine.pool.acquire() for _ in range(4)]
        with ExitStack() as stack:
            for connection in connections:
                stack.enter_context(connection.query_logger(lambda query: counted.append(query.query)))
                await engine.pool.release(connection)
            answer = await clerk.get(path)
        assert answer.status_code == 200, answer.text
        return len(counted)

    paths = [
        "/cleared", "/cases", f"/api/v1/units/{district.bureau}/clearance", "/api/v1/cases",
        "/decisions?result=all", "/api/v1/decisions?result=all", "/cases/{case}", "/api/v1/cases/{case}/assignments",
    ]  # fmt: skip
    case = await cast.a_case(district, TODAY)
    seen: list[list[int]] = []
    for rows in (0, 1, 29):  # the first round only warms the connections up
        for _row in range(rows):
            officer = await cast.an_officer(district)
            await cast.a_case(district, TODAY)
            await cast.assign(case, officer, TODAY, NEXT_MONTH, "co_handler")
        seen.append([await statements(path.format(case=case)) for path in paths])
    assert seen[1] == seen[2]
