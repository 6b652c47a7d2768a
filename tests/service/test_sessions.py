"""Who a session speaks for."""

from chizheng.kernel.access import Role
from tests.cast import a_district
from tests.web import Browser, ClientFor, an_account


async def test_health_needs_nobody(nobody: Browser) -> None:
    answer = await nobody.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_session_speaks_for_its_account_and_its_roles(client_for: ClientFor) -> None:
    district = await a_district()
    browser = await client_for(Role.TOWN_BUREAU, district.bureau, username="wang", name="王建国")
    shown = (await browser.get("/api/v1/session")).json()
    assert len(shown.pop("csrf_token")) == 128
    assert shown == {
        "account": {"id": str(browser.account), "username": "wang", "name": "王建国"},
        "roles": [{"role": "town_bureau", "unit": str(district.bureau), "unit_name": "青石镇综合行政执法局"}],
        "must_change": False,
    }


async def test_a_made_up_session_is_nobody(nobody: Browser) -> None:
    await an_account(username="somebody")
    for token in ("", "x", "王", "a" * 5000):
        answer = await nobody.get("/api/v1/session", headers={"cookie": f"chizheng_session={token}".encode()})
        assert answer.status_code == 401
