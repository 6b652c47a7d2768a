"""What a browser is told, and which requests never come through."""

from collections.abc import AsyncIterator

import httpx
import pytest

from chizheng.kernel.access import Role
from chizheng.kernel.db import fetch_value
from chizheng.service.app import Application, Unguarded, create_app
from chizheng.service.security import POLICY, preferred
from chizheng.service.sessions.rules import SECURE_COOKIE
from chizheng.service.settings import Settings
from tests.cast import a_district
from tests.web import ORIGIN, Browser, ClientFor, a_browser, a_session, an_account

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def language_of(browser: Browser) -> str:
    found: str = await fetch_value("SELECT language FROM account WHERE id = $1", browser.account)
    return found


@pytest.mark.parametrize(
    ("path", "status"), [("/login", 200), ("/nowhere", 404), ("/api/v1/nowhere", 404), ("/accounts", 303)]
)
async def test_every_answer_is_protected(nobody: Browser, path: str, status: int) -> None:
    answer = await nobody.get(path)
    assert answer.status_code == status
    sent = answer.headers
    assert sent["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert {name: sent[name] for name in ("x-content-type-options", "referrer-policy", "cache-control")} == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }
    assert sent["cross-origin-opener-policy"] == sent["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in sent


async def test_a_form_without_its_token_is_refused(client_for: ClientFor) -> None:
    browser = await client_for()
    await browser.get("/password")
    for data in ({}, {"_csrf_token": "0" * 128}):
        answer = await browser.post("/logout", data=data)
        assert (answer.status_code, "刷新后重新提交" in answer.text) == (403, True)
    assert (await browser.get("/api/v1/session")).status_code == 200


async def test_the_token_of_another_browser_is_refused(app: Application, client_for: ClientFor) -> None:
    browser, other = await client_for(), await client_for()
    await browser.get("/password")
    await other.get("/password")
    stolen = {"_csrf_token": other.cookies["chizheng_csrf"]}
    assert (await browser.post("/logout", data=stolen)).status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
    ],
)
async def test_another_site_can_neither_post_a_form_nor_fetch(
    client_for: ClientFor, origin: dict[str, str]
) -> None:
    browser = await client_for()
    await browser.get("/password")
    for name in ("sec-fetch-site", "origin"):
        browser.headers.pop(name, None)
    form = await browser.submit("/language", {"language": "en"}, headers=origin)
    fetched = await browser.delete("/api/v1/session", headers=origin)
    assert (form.status_code, fetched.status_code) == (403, 403)
    assert (await language_of(browser), fetched.json()["code"]) == ("zh-CN", "foreign_origin")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_the_api_takes_json_only(client_for: ClientFor, kind: str) -> None:
    browser = await client_for()
    answer = await browser.post(
        "/api/v1/password", content=b'{"old":"a","new":"b"}', headers={"content-type": kind}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_programs_need_no_origin(client_for: ClientFor) -> None:
    browser = await client_for()
    for name in ("sec-fetch-site", "origin"):
        browser.headers.pop(name, None)
    assert (await browser.delete("/api/v1/session")).status_code == 204


async def test_too_much_is_refused(nobody: Browser) -> None:
    json = await nobody.post("/api/v1/session", json={"username": "x", "password": "x" * 2**20})
    form = await nobody.post("/login", content=b"a=" + b"x" * 12 * 2**20, headers=FORM)
    assert (json.status_code, form.status_code) == (413, 413)


async def test_language_is_kept_on_the_account_and_in_the_browser(client_for: ClientFor) -> None:
    browser = await client_for()
    assert '<html lang="zh-CN"' in (await browser.get("/password")).text
    answer = await browser.submit("/language", {"language": "en", "next": "/password?a=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/password?a=1")
    assert await language_of(browser) == "en"
    assert '<html lang="en"' in (await browser.get("/password")).text
    assert '<html lang="en"' in (await browser.get("/nowhere")).text


async def test_theme_is_kept(client_for: ClientFor) -> None:
    browser = await client_for()
    await browser.submit("/theme", {"theme": "dark", "next": "//evil.example"})
    assert 'data-theme="dark"' in (await browser.get("/password")).text
    assert await fetch_value("SELECT theme FROM account WHERE id = $1", browser.account) == "dark"
    assert (await browser.submit("/theme", {"theme": "pink"})).status_code == 422


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.3,zh;q=0.5", "zh-CN"),
        ("fr,de", "zh-CN"),
        ("en;q=rubbish", "zh-CN"),
        (",;,=" * 200, "zh-CN"),
    ],
)
def test_first_language(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


@pytest.fixture
async def proxied(db: str) -> AsyncIterator[Browser]:
    """Behind a proxy that is believed."""
    async with a_browser(create_app(Settings(behind_proxy=True)), address="10.0.0.9") as browser:
        browser.headers.update({"x-forwarded-proto": "https", "x-forwarded-for": "1.2.3.4, 198.51.100.7"})
        yield browser


async def test_behind_a_proxy_cookies_are_secure_and_addresses_believed(proxied: Browser) -> None:
    who = await an_account(username="proxied")
    token = await a_session(who)
    # httpx keeps secure cookies to itself on a plain connection, so they are sent by hand
    headers = {"cookie": f"{SECURE_COOKIE}={token}"}
    answer = await proxied.post(
        "/api/v1/password", json={"old": "wrong-wrong", "new": "another-good-one"}, headers=headers
    )
    assert answer.status_code == 422
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    address = await fetch_value("SELECT address FROM audit_entry WHERE subject_id = $1", who)
    assert address == "198.51.100.7"
    page = await proxied.get("/login")
    assert all("Secure" in line for line in page.headers.get_list("set-cookie"))


async def test_without_the_setting_nobody_believes_a_forwarded_header(app: Application, db: str) -> None:
    async with a_browser(app, address="10.0.0.8") as browser:
        browser.headers.update({"x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.7"})
        answer = await browser.post("/api/v1/session", json={"username": "nobody-here", "password": "x"})
        assert "strict-transport-security" not in answer.headers
    address = await fetch_value("SELECT address FROM audit_entry ORDER BY seq DESC LIMIT 1")
    assert address == "10.0.0.8"


async def test_static_files_are_kept_for_ever_by_version(nobody: Browser) -> None:
    page = await nobody.get("/login")
    address = next(
        part.split('"')[0] for part in page.text.split('href="') if part.startswith("/static/css/")
    )
    file = await nobody.get(address)
    assert (file.status_code, file.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    again = await nobody.get(address, headers={"if-none-match": file.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await nobody.get(address.partition("?")[0])
    assert plain.headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pyproject.toml",
        "/static/%2e%2e/pyproject.toml",
        "/static//etc/passwd",
        "/static/css",
        "/static/css/%00",
    ],
)
async def test_only_static_files_are_served(nobody: Browser, path: str) -> None:
    assert (await nobody.get(path)).status_code == 404


async def test_a_route_without_a_permission_stops_the_start() -> None:
    from litestar import get

    @get("/careless")
    async def careless() -> str:
        return ""

    with pytest.raises(Unguarded, match="/careless"):
        create_app(Settings(), [careless])


async def test_whoever_lacks_the_permission_is_refused(client_for: ClientFor) -> None:
    district = await a_district()
    browser = await client_for(Role.TOWN_BUREAU, district.bureau)
    page = await browser.get("/accounts")
    assert (page.status_code, "没有这项权限" in page.text) == (403, True)


async def test_nobody_is_sent_to_the_login_and_back(nobody: Browser) -> None:
    page = await nobody.get("/accounts?q=王")
    assert (page.status_code, page.headers["location"]) == (
        303,
        "/login?next=%2Faccounts%3Fq%3D%25E7%258E%258B",
    )
    form = await nobody.submit("/accounts/new", {}, headers={"referer": f"{ORIGIN}/accounts/new"})
    assert (form.status_code, form.headers["location"]) == (303, "/login?next=%2Faccounts%2Fnew")
    away = await nobody.submit("/accounts/new", {}, headers={"referer": "https://evil.example/x"})
    assert away.headers["location"] == "/login?next=%2F"


async def test_the_lifespan_opens_the_database(module_database: str) -> None:
    application = create_app(Settings(database_url=module_database, pool_size=2))
    async with application.lifespan():
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            assert (await client.get("/healthz")).json() == {"status": "ok"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url=ORIGIN) as client:
        answer = await client.get("/healthz")
        assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
