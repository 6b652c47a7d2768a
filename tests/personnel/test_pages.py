"""Every page and API route of personnel, as different people meet it."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from chizheng.kernel import clock, keys
from chizheng.kernel.access import Role
from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.ids import new_id
from tests import cast
from tests.web import Browser, ClientFor, words_of

TODAY = clock.today()
NEXT_MONTH = TODAY + timedelta(days=30)
HALF_A_YEAR = TODAY + timedelta(days=150)

pytestmark = pytest.mark.usefixtures("db")


async def certificate_of(officer: UUID) -> UUID:
    return await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)


async def posting_of(officer: UUID) -> UUID:
    return await fetch_value(
        "SELECT series FROM posting WHERE officer = $1 AND superseded_at IS NULL", officer
    )


async def statuses(browser: Browser, *paths: str) -> list[int]:
    return [(await browser.get(path)).status_code for path in paths]


async def paths_about(officer: UUID) -> list[str]:
    return [f"/officers/{officer}", f"/certificates/{await certificate_of(officer)}"]


async def test_each_page_shows_to_those_it_is_for(client_for: ClientFor, district: cast.District) -> None:
    officer = await cast.an_officer(district, "王建国")
    certificate, posting = await certificate_of(officer), await posting_of(officer)
    await cast.happened(officer, certificate, "suspend", TODAY)
    reading = [
        "/units",
        f"/units/{district.bureau}",
        "/officers",
        "/certificates",
        *await paths_about(officer),
    ]
    clerk = await client_for(Role.TOWN_BUREAU, district.bureau)
    assert await statuses(clerk, *reading) == [200] * 6
    office = await client_for(Role.HR_OFFICE, district.root)
    writing = [f"/officers/{officer}/{verb}" for verb in ("service", "unmask", "postings/new")]
    writing += [f"/postings/{posting}/{verb}" for verb in ("end", "extend")]
    assert await statuses(office, *reading, *writing) == [200] * 11
    bureau = await client_for(Role.JUSTICE_BUREAU, district.root)
    verbs = ("suspend", "reinstate", "revoke", "cancel", "report_lost", "reissue", "renew")
    deeds = [f"/certificates/{certificate}/{verb}" for verb in verbs] + [
        f"/officers/{officer}/certificates/new"
    ]
    assert await statuses(bureau, *reading, *deeds) == [200] * 14
    assert await statuses(clerk, *writing, *deeds) == [403] * 9 + [200] + [403] * 3


async def test_what_is_out_of_reach_looks_like_what_is_not_there(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district)
    certificate = await certificate_of(officer)
    outsider = await client_for(Role.TOWN_BUREAU, district.other_bureau)
    paths = [
        f"/officers/{officer}", f"/certificates/{certificate}", f"/units/{district.bureau}",
        f"/certificates/{certificate}/report_lost", f"/api/v1/officers/{officer}",
        f"/api/v1/certificates/{certificate}", f"/api/v1/units/{district.bureau}",
        f"/officers/{new_id()}", f"/api/v1/certificates/{new_id()}",
    ]  # fmt: skip
    assert await statuses(outsider, *paths) == [404] * 9
    one = (await outsider.get(f"/api/v1/officers/{officer}")).json()
    other = (await outsider.get(f"/api/v1/officers/{new_id()}")).json()
    assert one == other
    assert (await outsider.get("/api/v1/officers")).json()["items"] == []


async def test_an_officer_sees_their_own_file_and_nobody_elses(
    client_for: ClientFor, district: cast.District
) -> None:
    officer, other = await cast.an_officer(district, "王一"), await cast.an_officer(district, "王二")
    browser = await client_for(Role.OFFICER, district.root, officer=officer)
    own = await browser.get("/officers/me")
    assert (own.status_code, own.headers["location"]) == (303, f"/officers/{officer}")
    assert await statuses(browser, *await paths_about(officer)) == [200, 200]
    assert await statuses(browser, *await paths_about(other)) == [404, 404]
    assert await statuses(browser, "/officers", "/certificates", "/units") == [403] * 3


async def test_the_page_of_an_officer_says_how_the_certificate_stands(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district, "王建国")
    browser = await client_for(Role.TOWN_BUREAU, district.bureau)
    before = words_of(await browser.get(f"/officers/{officer}"))
    await cast.happened(officer, await certificate_of(officer), "report_lost", TODAY)
    after = words_of(await browser.get(f"/officers/{officer}"))
    assert "持证有效，至 2039-12-31，可办市场监管" in before
    assert "已报遗失，待补发：不得上岗" in after


async def test_a_valid_certificate_of_somebody_who_may_not_act_does_not_say_they_may(
    client_for: ClientFor, district: cast.District
) -> None:
    name = f"李{district.bureau.hex[-6:]}"
    officer = await cast.an_officer(district, name)
    certificate = await certificate_of(officer)
    browser = await client_for(Role.TOWN_BUREAU, district.bureau)
    pages = (
        f"/officers?q={name}",
        f"/officers/{officer}",
        f"/certificates/{certificate}",
        f"/units/{district.bureau}",
    )
    for page in pages:
        assert "持证有效，至 2039-12-31，可办市场监管" in words_of(await browser.get(page))
    await execute("UPDATE service SET superseded_at = now() WHERE officer = $1", officer)
    await cast.serves(officer, end=TODAY)
    await cast.serves(officer, "retired", TODAY)
    for page in pages:
        shown = (await browser.get(page)).text
        assert ("不得上岗，不在职：退休" in shown, "可办市场监管" in shown) == (True, False)


async def test_an_old_certificate_names_the_one_that_replaced_it(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district)
    before = cast.LONG_AGO - timedelta(days=900)
    old = await cast.certified(officer, district.root, start=before, end=cast.LONG_AGO)
    number = await fetch_value(
        "SELECT number FROM certificate WHERE officer = $1 AND series <> $2", officer, old
    )
    browser = await client_for(Role.TOWN_BUREAU, district.bureau)
    for page in (f"/certificates/{old}", f"/officers/{officer}"):
        assert f"过期，已由 {number} 接替" in words_of(await browser.get(page))


async def test_what_keeps_somebody_from_a_certificate_is_said_before_the_form_is_filled_in(
    client_for: ClientFor, district: cast.District
) -> None:
    officer, browser = await cast.an_officer(district), await client_for(Role.JUSTICE_BUREAU, district.root)
    assert "办理发证" not in (await browser.get(f"/officers/{officer}")).text
    assert (
        "请在该证件上办理换证、补发或恢复"
        in (await browser.get(f"/officers/{officer}/certificates/new")).text
    )
    newcomer = await cast.a_person("周新")
    await cast.serves(newcomer)
    await cast.established(newcomer)
    await cast.posted(newcomer, district)
    assert "办理发证" in (await browser.get(f"/officers/{newcomer}")).text
    assert "需要改正" not in (await browser.get(f"/officers/{newcomer}/certificates/new")).text


async def test_a_suspension_through_the_page(client_for: ClientFor, district: cast.District) -> None:
    officer = await cast.an_officer(district, "王建国")
    certificate = await certificate_of(officer)
    browser = await client_for(Role.JUSTICE_BUREAU, district.root)
    path = f"/certificates/{certificate}/suspend"
    given = {"from": str(TODAY), "due_on": "", "reason": "正在调查的事由", "document_no": ""}
    refused = await browser.submit(path, given)
    assert (refused.status_code, "正在调查的事由" in refused.text) == (422, True)
    assert re.findall(r'id="f-(\w+)-error"', refused.text) == ["due_on", "document_no"]
    given |= {"due_on": str(HALF_A_YEAR), "document_no": "司〔2026〕7号"}
    assert (await browser.submit(path, given)).headers["location"] == f"/certificates/{certificate}"
    assert f"暂扣至 {HALF_A_YEAR}：不得上岗" in words_of(await browser.get(f"/certificates/{certificate}"))
    again = await browser.submit(path, given)
    assert (again.status_code, "的状态为“暂扣”，不能办理“暂扣”" in again.text) == (409, True)


async def test_a_certificate_issued_through_the_page_ends_after_its_last_day(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.a_person("王新")
    await cast.serves(officer)
    await cast.established(officer)
    await cast.posted(officer, district)
    browser = await client_for(Role.JUSTICE_BUREAU, district.root)
    given = {
        "number": f"P{new_id().int % 10**9:09d}", "fields": ["market", "city"], "area": str(district.root),
        "authority": "山阳区人民政府", "issued_on": str(TODAY), "from": str(TODAY), "to": str(NEXT_MONTH),
    }  # fmt: skip
    answer = await browser.submit(f"/officers/{officer}/certificates/new", given)
    assert answer.status_code == 303
    row = await fetch("SELECT fields, valid_to FROM certificate WHERE officer = $1", officer)
    assert [tuple(one) for one in row] == [(["market", "city"], NEXT_MONTH + timedelta(days=1))]
    again = await browser.submit(f"/officers/{officer}/certificates/new", given)
    assert (again.status_code, "已有证件" in again.text, given["number"] in again.text) == (409, True, True)


async def test_postings_through_the_pages(client_for: ClientFor, district: cast.District) -> None:
    officer = await cast.an_officer(district, "王建国")
    browser = await client_for(Role.HR_OFFICE, district.root)
    new = {
        "kind": "secondment", "owner": str(district.team), "manager": str(district.other_town),
        "user": str(district.squad), "post": "enforcement", "from": str(NEXT_MONTH), "instead": "1",
    }  # fmt: skip
    refused = await browser.submit(f"/officers/{officer}/postings/new", new)
    assert (refused.status_code, "使用单位不在镇管单位之下" in refused.text) == (422, True)
    new["user"] = str(district.other_bureau)
    assert (await browser.submit(f"/officers/{officer}/postings/new", new)).status_code == 303
    rows = await fetch(
        "SELECT user_unit, series FROM posting WHERE officer = $1 AND superseded_at IS NULL ORDER BY valid_from",
        officer,
    )
    assert [row["user_unit"] for row in rows] == [district.squad, district.other_bureau]
    ending = {"on": str(TODAY), "reason": "轮岗", "document_no": "人社〔2026〕1号"}
    early = await browser.submit(f"/postings/{rows[1]['series']}/end", ending)
    assert early.status_code == 409
    assert (await browser.submit(f"/postings/{rows[0]['series']}/end", ending)).status_code == 303
    cancelled = await browser.submit(f"/postings/{rows[1]['series']}/cancel", {"reason": "取消安排"})
    assert cancelled.status_code == 303
    left = await fetch("SELECT valid_to FROM posting WHERE officer = $1 AND superseded_at IS NULL", officer)
    assert [row["valid_to"] for row in left] == [TODAY]


async def test_service_through_the_page(client_for: ClientFor, district: cast.District) -> None:
    officer = await cast.an_officer(district, "王建国")
    browser = await client_for(Role.HR_OFFICE, district.root)
    given = {"status": "retired", "from": str(TODAY), "reason": "到龄", "document_no": ""}
    assert (await browser.submit(f"/officers/{officer}/service", given)).status_code == 422
    given["document_no"] = "人社〔2026〕2号"
    assert (await browser.submit(f"/officers/{officer}/service", given)).status_code == 303
    given |= {"status": "active", "from": str(NEXT_MONTH)}
    assert (await browser.submit(f"/officers/{officer}/service", given)).status_code == 409


async def test_the_api_speaks_of_people_units_and_certificates(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district, "王建国")
    certificate, posting = await certificate_of(officer), await posting_of(officer)
    browser = await client_for(Role.HR_OFFICE, district.root)
    listed = (await browser.get("/api/v1/officers", params={"unit": str(district.root)})).json()
    assert (listed["total"], listed["page"], listed["size"]) == (1, 1, 25)
    assert (listed["items"][0]["id"], listed["items"][0]["state"]) == (str(officer), "valid")
    file = (await browser.get(f"/api/v1/officers/{officer}")).json()
    assert [(p["id"], p["from"], p["to"]) for p in file["postings"]] == [(str(posting), "2020-01-01", None)]
    found = (
        await browser.get("/api/v1/certificates", params={"state": "valid", "unit": str(district.team)})
    ).json()
    assert [one["id"] for one in found["items"]] == [str(certificate)]
    units = (await browser.get("/api/v1/units", params={"q": "一中队"})).json()
    assert str(district.squad) in {unit["id"] for unit in units["items"]}
    await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, NEXT_MONTH)
    ended = await browser.post(f"/api/v1/postings/{posting}/end", json={"on": str(TODAY), "reason": "轮岗"})
    assert (ended.status_code, ended.json()) == (
        200,
        {"id": str(posting), "officer": str(officer), "stood_down": 1},
    )


async def test_before_and_after_a_deed_the_pages_say_what_happens_to_cases(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district, "王建国")
    await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, NEXT_MONTH)
    certificate = await certificate_of(officer)
    browser = await client_for(Role.JUSTICE_BUREAU, district.root)
    asked = (await browser.get(f"/certificates/{certificate}/revoke")).text
    assert "此人现有 1 项在办指派；离岗后 1 件案件将缺承办人" in asked
    order = {"from": str(TODAY), "reason": "弄虚作假", "document_no": "司〔2026〕9号"}
    await browser.submit(f"/certificates/{certificate}/revoke", order)
    assert "已办理：吊销；1 项指派随之离岗" in (await browser.get(f"/certificates/{certificate}")).text


async def test_a_wrong_state_is_a_conflict_with_its_code(
    client_for: ClientFor, district: cast.District
) -> None:
    certificate = await certificate_of(await cast.an_officer(district))
    browser = await client_for(Role.JUSTICE_BUREAU, district.root)
    order = {"from": str(TODAY), "reason": "核查完毕", "document_no": "司〔2026〕8号"}
    refused = await browser.post(f"/api/v1/certificates/{certificate}/reinstate", json=order)
    assert (refused.status_code, refused.json()["code"], refused.json()["details"]) == (
        409,
        "certificate_transition",
        {"state": "valid", "verb": "reinstate", "from": str(TODAY)},
    )
    done = await browser.post(
        f"/api/v1/certificates/{certificate}/suspend", json={**order, "due_on": str(NEXT_MONTH)}
    )
    assert done.status_code == 200


BAD = [
    {},
    {"from": "yesterday"},
    {"from": "2026-11-21", "reason": "x" * 501, "document_no": "1", "due_on": "2026-12-01"},
    {"from": "2026-11-21", "reason": "\0", "document_no": "1", "due_on": "2026-12-01"},
    {"from": "9999-12-31", "reason": "x", "document_no": "1", "due_on": "9999-12-31"},
    {"from": "0001-01-01", "reason": "x", "document_no": "1", "due_on": "0001-01-01"},
    [],
    "x",
]


@pytest.mark.parametrize("order", BAD)
async def test_a_misshapen_order_is_told_what_is_wrong(
    client_for: ClientFor, district: cast.District, order: object
) -> None:
    certificate = await certificate_of(await cast.an_officer(district))
    browser = await client_for(Role.JUSTICE_BUREAU, district.root)
    answer = await browser.post(f"/api/v1/certificates/{certificate}/suspend", json=order)
    assert (answer.status_code, sorted(answer.json())) == (422, ["code", "details", "message"])


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%25_%5C",
        "unit=x",
        "page=0",
        "page=99999999999",
        "size=-1",
        "sort=drop",
        "certificate=x",
        "relation=x",
    ],
)
async def test_odd_addresses_break_nothing(
    client_for: ClientFor, district: cast.District, query: str
) -> None:
    browser = await client_for(Role.HR_OFFICE, district.root)
    answers = [await browser.get(f"{path}?{query}") for path in ("/officers", "/certificates", "/units")]
    answers += [
        await browser.get(f"/api/v1{path}?{query}") for path in ("/officers", "/certificates", "/units")
    ]
    assert [a.status_code for a in answers if a.status_code not in (200, 400, 422)] == []


async def test_an_unmasked_number_is_shown_once_to_who_may_see_it(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district)
    await execute("UPDATE officer SET phone = $2, phone_masked = '138****1234' WHERE id = $1", officer, keys.seal("13812341234"))  # fmt: skip
    office = await client_for(Role.HR_OFFICE, district.root)
    path = f"/officers/{officer}/unmask"
    assert (await office.submit(path, {"what": "phone", "reason": ""})).status_code == 422
    shown = await office.submit(path, {"what": "phone", "reason": "通知培训"})
    assert (shown.status_code, "13812341234" in shown.text) == (200, True)
    missing = await office.submit(path, {"what": "id_number", "reason": "核对"})
    assert missing.status_code == 404
    clerk = await client_for(Role.TOWN_BUREAU, district.bureau)
    refused = await clerk.post(f"/api/v1/officers/{officer}/unmask", json={"what": "phone", "reason": "x"})
    assert refused.status_code == 403
