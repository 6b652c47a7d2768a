"""An import through the API."""

from typing import Any

import pytest

from chizheng.kernel.access import Role
from chizheng.kernel.db import fetch_value
from chizheng.service.starter import start_directory
from tests.personnel.imports.files import a_row, a_workbook, officers
from tests.web import Browser, ClientFor


@pytest.fixture
async def clerk(client_for: ClientFor) -> Browser:
    await start_directory()
    return await client_for(Role.HR_OFFICE, await fetch_value("SELECT id FROM unit WHERE parent IS NULL"))


async def uploaded(browser: Browser, content: bytes, **query: Any) -> Any:
    return await browser.post("/api/v1/imports/roster", params=query, files={"file": ("名册.xlsx", content)})


async def test_upload_look_commit_undo(clerk: Browser) -> None:
    answer = await uploaded(clerk, a_workbook(a_row(1, name="陈一"), a_row(2, name="陈 二")))
    assert answer.status_code == 201, answer.text
    batch = answer.json()
    assert {key: batch[key] for key in ("filename", "state", "who", "sheet")} == {
        "filename": "名册.xlsx", "state": "previewed", "who": "测试人", "sheet": "花名册",
    }  # fmt: skip
    assert batch["counts"] | {"facts": 0} == {
        "rows": 2, "ok": 1, "repaired": 1, "warning": 0, "error": 0, "created": 2, "changed": 0, "unchanged": 0,
        "facts": 0, "stood_down": 0,
    }  # fmt: skip
    address = f"/api/v1/imports/{batch['id']}"
    rows = (await clerk.get(f"{address}/rows")).json()
    assert [(row["sheet_row"], row["name"], row["level"]) for row in rows["items"]] == [
        (3, "陈二", "repaired"),
        (2, "陈一", "ok"),
    ]
    assert rows["items"][0]["problems"][0]["message"] == "姓名中有空格，已去掉"
    committed = await clerk.post(f"{address}/commit", json={"valid_rows": False})
    assert (committed.status_code, committed.json()["state"]) == (200, "committed")
    assert len(await officers()) == 2
    undone = await clerk.post(f"{address}/undo", json={})
    assert (undone.status_code, undone.json()["withdrawn"]) == (200, 2)
    again = await clerk.post(f"{address}/undo", json={})
    assert (again.status_code, again.json()["code"]) == (409, "batch_not_committed")
    assert (await clerk.get(f"{address}/report")).status_code == 200
    assert (await clerk.get("/api/v1/imports")).json()["total"] >= 1


async def test_without_dry_run_it_is_written_at_once_or_not_at_all(clerk: Browser) -> None:
    faulty = a_workbook(a_row(11), a_row(12, establishment="不知道"))
    refused = await uploaded(clerk, faulty, dry_run="false")
    assert (refused.status_code, refused.json()["code"], refused.json()["details"]) == (
        409, "rows_have_errors", {"errors": 1},
    )  # fmt: skip
    taken = await uploaded(clerk, faulty, dry_run="false", valid_rows="true")
    assert (taken.status_code, taken.json()["state"], taken.json()["counts"]["created"]) == (
        201,
        "committed",
        1,
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"<html>", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_xls"),
        (b"PK\x03\x04" + b"\0" * (10 * 2**20 + 1), "file_too_large"),
        (a_workbook({"name": "陈一", "phone": "1", "rank_title": "科员"}), "column_missing"),
    ],
)
async def test_a_wrong_file_is_422_with_its_code(clerk: Browser, content: bytes, code: str) -> None:
    answer = await uploaded(clerk, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["message"]


async def test_no_file_and_a_body_of_another_kind_are_refused(clerk: Browser) -> None:
    nothing = await clerk.post("/api/v1/imports/roster", files={"other": ("x", b"x")})
    assert nothing.status_code == 422
    json = await clerk.post("/api/v1/imports/roster", json={"file": "x"})
    assert json.status_code in (400, 415, 422)
    huge = await clerk.post("/api/v1/imports/roster", files={"file": ("x", b"x" * (13 * 2**20))})
    assert huge.status_code in (413, 422)


async def test_a_form_of_another_site_does_not_import(clerk: Browser) -> None:
    answer = await clerk.post(
        "/api/v1/imports/roster",
        files={"file": ("x.xlsx", b"x")},
        headers={"sec-fetch-site": "cross-site", "origin": "https://example.org"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize("verb", ["commit", "undo", "discard"])
async def test_a_batch_that_is_not_there_is_404(clerk: Browser, verb: str) -> None:
    answer = await clerk.post(f"/api/v1/imports/00000000-0000-7000-8000-000000000000/{verb}", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_others_may_not(clerk: Browser, client_for: ClientFor) -> None:
    other = await client_for(
        Role.JUSTICE_BUREAU, await fetch_value("SELECT id FROM unit WHERE parent IS NULL")
    )
    assert (await uploaded(other, a_workbook(a_row(31)))).status_code == 403
    assert (await other.get("/api/v1/imports")).status_code == 403
