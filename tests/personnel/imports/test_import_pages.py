"""An import through its pages: upload, preview, commit, undo; and what a wrong file gets."""

import asyncio
import io
import re
import zipfile

import pytest

from chizheng.kernel.access import Role
from chizheng.kernel.db import fetch_value
from chizheng.service.starter import start_directory
from personnel.imports.reports import empty_workbook
from tests.personnel.imports.files import a_row, a_workbook, an_id, officers
from tests.web import Browser, ClientFor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def clerk(client_for: ClientFor) -> Browser:
    """Somebody of the HR office of the whole district."""
    await start_directory()
    return await client_for(Role.HR_OFFICE, await fetch_value("SELECT id FROM unit WHERE parent IS NULL"))


async def sent(browser: Browser, content: bytes, name: str = "名册.xlsx") -> str:
    """Uploads through the form; the address of the batch, once it has been read."""
    answer = await browser.submit("/imports", files={"file": (name, content, XLSX)})
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    await read(browser, address)
    return address


async def read(browser: Browser, address: str) -> str:
    """The batch's page once it is no longer being read."""
    for _attempt in range(600):
        page = (await browser.get(address)).text
        if 'id="reading"' not in page:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError("still being read")


async def test_upload_preview_commit_undo(clerk: Browser) -> None:
    batch = await sent(clerk, a_workbook(a_row(1), a_row(2)))
    preview = await clerk.get(batch)
    assert preview.status_code == 200
    assert "派驻湖塘镇综合行政执法局一中队（综合执法岗），2024-03-01 至 2027-03-01" in preview.text
    assert "全部入库" in preview.text
    assert an_id(1) not in preview.text
    assert await officers() == []

    committed = await clerk.submit(f"{batch}/commit", {"rows": "all"})
    assert (committed.status_code, committed.headers["location"]) == (303, batch)
    result = await clerk.get(batch)
    assert "已入库：新增 2 人，变更 0 人" in result.text
    assert len(await officers()) == 2

    question = await clerk.get(f"{batch}/undo")
    assert "由这次导入新建的 2 份人员档案随之撤回" in question.text
    undone = await clerk.submit(f"{batch}/undo")
    assert undone.status_code == 303
    assert await officers() == []
    assert "撤销" in (await clerk.get("/imports")).text


async def test_a_faulty_row_is_shown_first_and_keeps_the_others_out_unless_asked(clerk: Browser) -> None:
    batch = await sent(clerk, a_workbook(a_row(11), a_row(12, manager_unit="滆南镇", user_unit=None)))
    preview = (await clerk.get(batch)).text
    assert re.search(r"只导入没有错误的 1 行", preview)
    assert "没有“滆南镇”这个镇" in preview
    refused = await clerk.submit(f"{batch}/commit", {"rows": "all"})
    assert (refused.status_code, "有 1 行不能入库" in refused.text) == (409, True)
    assert (await clerk.submit(f"{batch}/commit", {"rows": "valid"})).status_code == 303
    again = await clerk.submit(f"{batch}/commit", {"rows": "valid"})
    assert (again.status_code, "这次导入已经入库" in again.text) == (409, True)
    report = await clerk.get(f"{batch}/report")
    assert report.headers["content-type"] == XLSX
    with zipfile.ZipFile(io.BytesIO(report.content)) as marked:
        assert any("错误原因" in marked.read(name).decode(errors="replace") for name in marked.namelist())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("空.xlsx", b"", "请选择要导入的文件|文件是空的"),
        ("假.xlsx", b"%PDF-1.7 nothing", "而是PDF 文件"),
        ("旧.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧式 .xls|损坏|不是 Excel"),
        ("大.xlsx", b"PK\x03\x04" + b"\0" * (10 * 2**20 + 1), "上限为 10 MiB"),
        ("无表头.xlsx", a_workbook({"remark": "没有表头"}), "没有找到花名册表头"),
    ],
)
async def test_a_file_that_is_no_roster_is_refused_in_words(
    clerk: Browser, name: str, content: bytes, sentence: str
) -> None:
    answer = await clerk.submit("/imports", files={"file": (name, content, XLSX)})
    if answer.status_code == 303:  # a slow machine: it is told on the batch's page instead
        assert re.search(sentence, await read(clerk, answer.headers["location"]))
        return
    assert answer.status_code == 422
    assert re.search(sentence, answer.text)


async def test_no_file_at_all_is_told_beside_the_field(clerk: Browser) -> None:
    answer = await clerk.submit("/imports", files={"other": ("x.txt", b"x")})
    assert (answer.status_code, "请选择要导入的文件" in answer.text) == (422, True)


async def test_the_empty_workbook_is_one_we_read(clerk: Browser) -> None:
    template = await clerk.get("/imports/template")
    assert (template.status_code, template.headers["content-type"]) == (200, XLSX)
    batch = await sent(clerk, empty_workbook())
    assert "没有可以入库的行" in (await clerk.get(batch)).text


async def test_a_discarded_batch_leaves_no_file(clerk: Browser) -> None:
    batch = await sent(clerk, a_workbook(a_row(21)))
    assert (await clerk.submit(f"{batch}/discard")).status_code == 303
    kept = await fetch_value("SELECT original FROM import_batch WHERE id::text = $1", batch.rsplit("/", 1)[1])
    assert kept is None
    assert "已放弃" in (await clerk.get(batch)).text
    assert (await clerk.submit(f"{batch}/commit", {"rows": "all"})).status_code == 409


@pytest.mark.parametrize("role", [Role.JUSTICE_BUREAU, Role.TOWN_BUREAU, Role.SUPERVISOR, Role.ADMINISTRATOR])
async def test_only_the_hr_office_imports(clerk: Browser, client_for: ClientFor, role: Role) -> None:
    batch = await sent(clerk, a_workbook(a_row(31)))
    other = await client_for(role, await fetch_value("SELECT id FROM unit WHERE parent IS NULL"))
    for path in ("/imports", "/imports/new", batch, f"{batch}/undo", f"{batch}/report"):
        assert (await other.get(path)).status_code == 403
    for path in ("/imports", f"{batch}/commit", f"{batch}/undo", f"{batch}/discard"):
        assert (await other.submit(path)).status_code == 403


async def test_hr_of_one_town_sees_its_own_imports_only(clerk: Browser, client_for: ClientFor) -> None:
    batch = await sent(clerk, a_workbook(a_row(41)))
    town = await fetch_value("SELECT id FROM unit WHERE name = '湖塘镇'")
    local = await client_for(Role.HR_OFFICE, town)
    assert (await local.get(batch)).status_code == 404
    assert (await local.submit(f"{batch}/commit", {"rows": "all"})).status_code == 404
    own = await sent(local, a_workbook(a_row(42)))
    page = (await local.get(own)).text
    assert "不在您的管辖范围内" in page
    listed = (await local.get("/imports")).text
    assert (own in listed, batch in listed) == (True, False)
