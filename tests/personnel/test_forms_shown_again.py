"""Forms of personnel, sent wrongly: everything wrong is told at once and at its field, and nothing typed is changed."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import Role
from chizheng.kernel.db import execute, fetch_value
from chizheng.kernel.ids import new_id
from tests import cast
from tests.web import Browser, ClientFor, words_of

TODAY = clock.today()
TOMORROW = TODAY + timedelta(days=1)
NEXT_MONTH = TODAY + timedelta(days=30)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def office(client_for: ClientFor, district: cast.District) -> Browser:
    return await client_for(Role.HR_OFFICE, district.root)


@pytest.fixture
async def justice(client_for: ClientFor, district: cast.District) -> Browser:
    return await client_for(Role.JUSTICE_BUREAU, district.root)


def faults(answer: httpx.Response) -> list[str]:
    """The names of the fields that show a fault, in their order."""
    return re.findall(r'id="f-(\w+)-error"', answer.text)


def summary(answer: httpx.Response) -> str:
    found = re.search(r"data-error-summary>(.*?)</div>", answer.text, re.DOTALL)
    return re.sub(r"<[^>]*>", " ", found[1]) if found else ""


async def posting_of(officer: UUID) -> UUID:
    return await fetch_value("SELECT series FROM posting WHERE officer = $1", officer)


async def test_categories_unticked_stay_unticked(justice: Browser, district: cast.District) -> None:
    officer = await cast.a_person("王新")
    await cast.serves(officer)
    await cast.established(officer)
    await cast.posted(officer, district)
    await execute("UPDATE officer SET field = 'market' WHERE id = $1", officer)
    path = f"/officers/{officer}/certificates/new"
    assert re.search(r'value="market" checked', (await justice.get(path)).text)
    answer = await justice.submit(path, {"number": "", "from": str(TODAY), "authority": ""})
    assert answer.status_code == 422
    assert " checked" not in answer.text
    assert faults(answer)[:2] == ["number", "fields"]
    assert "执法类别：请至少选择一个执法类别" in words_of(answer)


async def test_a_taken_number_is_told_at_the_number(justice: Browser, district: cast.District) -> None:
    number = f"T{new_id().int % 10**12:012d}"
    await cast.certified(await cast.a_person("王一"), district.root, number=number)
    officer = await cast.an_officer(district, "王二")
    certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    await cast.happened(officer, certificate, "report_lost", TODAY)
    order = {"from": str(TODAY), "number": number, "document_no": "司〔2026〕1号"}
    answer = await justice.submit(f"/certificates/{certificate}/reissue", order)
    assert (answer.status_code, faults(answer)) == (409, ["number"])


@pytest.mark.parametrize("verb", ["end", "extend"])
async def test_ending_and_extending_name_the_officer(
    office: Browser, district: cast.District, verb: str
) -> None:
    officer = await cast.a_person("尉迟歌行")
    await cast.posted(officer, district, end=NEXT_MONTH)
    page = (await office.get(f"/postings/{await posting_of(officer)}/{verb}")).text
    title = re.search(r"<h1>(.*?)</h1>", page)
    lead = re.search(r'class="page-lead">(.*?)</div>', page)
    assert title
    assert lead
    assert "尉迟歌行" in title[1]
    assert f'<a href="/officers/{officer}">尉迟歌行</a>' in lead[1]
    assert f'<li><a href="/officers/{officer}">尉迟歌行</a></li>' in page


async def test_a_posting_ended_too_early_is_told_at_the_day(office: Browser, district: cast.District) -> None:
    posting = await posting_of(await cast.an_officer(district))
    order = {"on": str(cast.LONG_AGO), "reason": "轮岗"}
    answer = await office.submit(f"/postings/{posting}/end", order)
    assert (answer.status_code, faults(answer)) == (409, ["on"])
    assert "自何日起不再在岗：该派驻自 2020-01-01 起，结束日期应晚于这天" in words_of(answer)
    both = await office.submit(f"/postings/{posting}/end", order | {"reason": ""})
    assert (both.status_code, faults(both)) == (422, ["on", "reason"])


async def test_everything_wrong_with_a_change_of_service_is_told_at_once(
    office: Browser, district: cast.District
) -> None:
    path = f"/officers/{await cast.an_officer(district)}/service"
    late = str(TODAY + timedelta(days=400))
    answer = await office.submit(path, {"from": late, "reason": "", "document_no": ""})
    assert faults(answer) == ["status", "from", "reason"]
    assert re.findall(r"变动：请选择|自何日起：不能晚于一年之后|事由：请填写", summary(answer)) == [
        "变动：请选择", "自何日起：不能晚于一年之后", "事由：请填写",
    ]  # fmt: skip
    chosen = await office.submit(path, {"status": "left", "from": late, "reason": ""})
    assert faults(chosen) == ["from", "document_no", "reason"]


@pytest.mark.parametrize(
    ("status", "required", "help", "names"),
    [
        ("active", True, False, "停职、离职、退休、辞退的，自该日起不得上岗"),
        ("suspended", False, True, "离职、退休、辞退的，自该日起不得上岗"),
        ("left", False, False, ""),
    ],
)
async def test_the_document_number_is_marked_as_it_is_needed(
    office: Browser, district: cast.District, status: str, required: bool, help: bool, names: str
) -> None:
    officer = await cast.a_person()
    await cast.serves(officer, status)
    await cast.posted(officer, district)
    page = (await office.get(f"/officers/{officer}/service")).text
    field = re.search(r'<input id="f-document_no"[^>]*>', page)
    assert field
    assert (" required" in field[0], "恢复在职可不填，其他变动必填" in page) == (required, help)
    assert names in page
    assert ("自该日起不得上岗" in page) == bool(names)


async def test_what_a_borrowing_lacks_is_told_with_the_rest(office: Browser, district: cast.District) -> None:
    path = f"/officers/{await cast.an_officer(district)}/postings/new"
    answer = await office.submit(
        path, {"kind": "borrowing", "post": "office", "from": str(TODAY), "owner": ""}
    )
    assert (answer.status_code, faults(answer)) == (422, ["owner", "manager", "user", "to", "reason"])
    assert 'value="secondment" selected' not in answer.text


async def test_a_suspension_names_the_cases_that_lose_a_handler(
    justice: Browser, client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district)
    certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    cases = [await cast.a_case(district, TODAY) for _each in range(7)]
    for case in cases[:2]:
        await cast.assign(case, officer, TODAY, NEXT_MONTH)
    page = (await justice.get(f"/certificates/{certificate}/suspend")).text
    for case in cases[:2]:
        number = await fetch_value("SELECT number FROM case_file WHERE id = $1", case)
        assert f'<a href="/cases/{case}">{number} 无照经营案</a>' in page
    assert "另有" not in page
    for case in cases[2:]:
        await cast.assign(case, officer, TODAY, NEXT_MONTH)
    many = (await justice.get(f"/certificates/{certificate}/suspend")).text
    assert many.count(" 无照经营案</a>") == 5
    assert "离岗后 7 件案件将缺承办人：" in many
    assert "另有 2 件" in many


async def test_who_may_not_read_cases_is_told_how_many_only(office: Browser, district: cast.District) -> None:
    officer = await cast.an_officer(district)
    await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, NEXT_MONTH)
    page = (await office.get(f"/postings/{await posting_of(officer)}/end")).text
    assert "离岗后 1 件案件将缺承办人" in page
    assert "无照经营案" not in page
    assert "/cases/" not in page


@pytest.mark.parametrize(
    ("address", "field", "label"),
    [
        ("/officers?service=zzz", "service", "在职状态"),
        ("/officers?establishment=zzz", "establishment", "编制性质"),
        ("/officers?field=zzz", "field", "执法领域"),
        ("/officers?certificate=zzz", "certificate", "证件状态"),
        ("/certificates?field=zzz", "field", "执法类别"),
    ],
)
async def test_a_filter_that_is_none_of_the_choices_is_told_without_codes(
    office: Browser, district: cast.District, address: str, field: str, label: str
) -> None:
    name = f"王{district.root.hex[-6:]}"
    await cast.an_officer(district, name)
    answer = await office.get(f"{address}&q={name}")
    assert (answer.status_code, faults(answer)) == (422, [field])
    assert f"{label}：请从列表中选择" in words_of(answer)
    assert "market" not in words_of(answer)


@pytest.mark.parametrize("text", ["'", "’", " ' ' "])
async def test_a_search_for_signs_alone_finds_nobody(
    office: Browser, district: cast.District, text: str
) -> None:
    await cast.an_officer(district)
    answer = await office.get("/officers", params={"q": text})
    assert (answer.status_code, "没有符合条件的人员" in answer.text) == (200, True)
