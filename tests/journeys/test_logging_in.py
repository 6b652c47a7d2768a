"""Logging in, as a person meets it: the first password, the lock, an address kept for afterwards."""

import re

from tests.journeys.conftest import VisitorFor
from tests.journeys.serving import Site
from tests.journeys.visiting import Visitor

NEW = "夜航船-2026-湖塘"
MISTAKEN = "not-the-password"


def a_new_account(administrator: Visitor, username: str) -> str:
    """The administrator adds an account; its one-time password as the page shows it once."""
    administrator.open("/accounts/new")
    administrator.fill("用户名", username)
    administrator.fill("姓名", "新来的人")
    administrator.press("新建账号")
    administrator.says("一次性密码只在本页显示")
    shown = re.search(r"(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}", administrator.reads())
    assert shown is not None
    return shown[0]


def test_the_first_login_leads_nowhere_but_to_a_password_of_ones_own(visitor_for: VisitorFor) -> None:
    first = a_new_account(visitor_for("xitong"), "xinlai")
    newcomer = visitor_for()
    newcomer.log_in("xinlai", first)
    assert newcomer.headed() == "修改密码"
    newcomer.says("现在的密码由他人代设")
    newcomer.open("/")
    assert newcomer.headed() == "修改密码"

    _change(newcomer, first, NEW, "写错了的-2026", status=422)
    newcomer.says("两次输入的新密码不一致")
    _change(newcomer, first, NEW, NEW)
    assert newcomer.headed() == "首页"
    newcomer.says("密码已修改")

    again = visitor_for()
    again.log_in("xinlai", first, status=401)
    again.says("用户名或密码不正确")
    again.log_in("xinlai", NEW)
    assert again.headed() == "首页"


def test_five_wrong_passwords_lock_the_account_until_the_administrator_unlocks_it(
    visitor_for: VisitorFor,
) -> None:
    administrator = visitor_for("xitong")
    password = a_new_account(administrator, "bisuo")
    forgetful = visitor_for()
    for _attempt in range(5):
        forgetful.log_in("bisuo", MISTAKEN, status=401)
    forgetful.log_in("bisuo", password, status=401)
    forgetful.says("用户名或密码不正确。连续输错五次，账号会锁定一段时间")
    assert forgetful.field("用户名").input_value() == "bisuo"

    administrator.open("/accounts?q=bisuo")
    administrator.says("锁定中")
    administrator.follow("bisuo")
    administrator.press("解锁")
    forgetful.log_in("bisuo", password)
    assert forgetful.headed() == "修改密码"


def test_who_is_not_logged_in_comes_back_to_the_page_they_wanted(visitor_for: VisitorFor, site: Site) -> None:
    clerk = visitor_for()
    clerk.page.goto("/cases?short=1")
    assert clerk.headed() == "登录"
    clerk.fill("用户名", "hutangju")
    clerk.fill("密码", site.password_of("hutangju"))
    clerk.press("登录")
    assert clerk.page.url == f"{site.address}/cases?short=1"


def _change(visitor: Visitor, old: str, new: str, again: str, status: int = 200) -> None:
    visitor.fill("原密码", old)
    visitor.fill("新密码", new)
    visitor.fill("再次输入新密码", again)
    with visitor.expecting(status):
        visitor.press("修改密码")
