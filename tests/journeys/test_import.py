"""HR brings in a roster: upload, what is wrong in which cell, commit, undo."""

import pytest

from tests.journeys.conftest import VisitorFor
from tests.personnel.imports.files import a_row, a_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_hr_uploads_a_roster_with_a_bad_row_commits_the_good_ones_and_takes_them_back(
    visitor_for: VisitorFor, scripts: bool
) -> None:
    first = 700 if scripts else 800
    roster = a_workbook(
        a_row(first), a_row(first + 1), a_row(first + 2, manager_unit="滆南镇", user_unit=None)
    )
    hr = visitor_for("renshi", scripts=scripts)
    hr.open("/imports")
    hr.follow("导入花名册")
    hr.field("花名册文件").set_input_files({"name": "九月名册.xlsx", "mimeType": XLSX, "buffer": roster})
    hr.press("上传并核对")
    hr.page.get_by_role("heading", name="逐行核对").wait_for()  # past the progress, if it was shown
    hr.page.get_by_text("新建人员档案，共").first.click()
    hr.says("1 行有错误", "没有“滆南镇”这个镇", "派驻湖塘镇综合行政执法局一中队")

    hr.press("只导入没有错误的 2 行")
    hr.says("已入库：新增 2 人，变更 0 人")
    with hr.page.expect_download() as report:
        hr.page.get_by_role("link", name="下载标注后的原件").click()
    assert report.value.suggested_filename == "九月名册-标注.xlsx"

    hr.follow("撤销本次导入")
    hr.says("由这次导入新建的 2 份人员档案随之撤回")
    hr.press("撤销")
    hr.says("已撤销：收回", "由它写入的记录已收回")
    hr.follow("花名册导入")
    assert hr.page.get_by_role("row", name="九月名册.xlsx").first.get_by_text("已撤销").is_visible()
