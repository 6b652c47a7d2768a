"""Whatever is sent to whichever route, the answer is an error in the one shape, or a page in words; never a 5xx."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from litestar import get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from chizheng.kernel import clock
from chizheng.kernel.access import Role, public
from chizheng.kernel.db import execute
from chizheng.kernel.ids import new_id
from chizheng.kernel.templating import template_folders
from chizheng.kernel.web import Form, parse_form
from chizheng.service.accounts.pages import NewAccount
from chizheng.service.app import Application, create_app, handlers
from chizheng.service.constraints import BROKEN
from chizheng.service.settings import Settings
from tests.cast import a_district
from tests.web import Browser, a_browser, a_session, an_account

JSON = {"content-type": "application/json"}
EVIL_TEXT = ["a\0b", "", "9" * 26, "-1", "2026-02-30", "9999-12-31", "王" * 5000]
EVIL_QUERY = ["%00", "%ED%A0%80", "9" * 26, "-1", "2026-13-45", "9999-12-31", ""]
EVIL_JSON = [
    None,
    True,
    -1,
    10**30,
    1e308,
    "a\0b",
    "2026-02-30",
    "9999-12-31",
    "",
    [],
    {},
    ["\0"],
    "王" * 5000,
]
BROKEN_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff",
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\\ud800"}',
    b"[" * 50_000,
]


@get("/api/v1/boom", **public())
async def boom() -> dict[str, str]:
    raise RuntimeError("the secret of the trace")


@get("/boom", **public())
async def boom_page() -> dict[str, str]:
    raise RuntimeError("the secret of the trace")


@post("/api/v1/mirror", status_code=200, **public())
async def mirror(data: JSONBody[dict[str, list[int]]]) -> dict[str, list[int]]:
    return data


@post("/mirror", status_code=200, **public())
async def mirror_form(data: Form) -> dict[str, str]:
    return {"name": parse_form(NewAccount, data).name}


@pytest.fixture(scope="module")
def tried() -> Application:
    return create_app(Settings(), [boom, boom_page, mirror, mirror_form])


@pytest.fixture
async def anybody(tried: Application, db: str) -> AsyncIterator[Browser]:
    async with a_browser(tried) as browser:
        yield browser


@pytest.fixture
async def everybody(tried: Application, db: str) -> AsyncIterator[Browser]:
    """Somebody with every permission, so that no route is left out."""
    district = await a_district(prefix=str(uuid4()))
    async with a_browser(tried) as browser:
        browser.account = await an_account(Role.HR_OFFICE, district.root)
        for role in set(Role) - {Role.HR_OFFICE}:
            await execute(
                "INSERT INTO account_grant (id, account, role, unit, granted_at) VALUES ($1, $2, $3, $4, $5)",
                new_id(), browser.account, role, district.root, clock.now(),
            )  # fmt: skip
        browser.carry(await a_session(browser.account))
        yield browser


def routes(
    app: Application, prefix: str, unsafe: bool | None = None
) -> list[tuple[str, str, BaseRouteHandler]]:
    """(method, path with made-up ids, handler), but for those that end the session of the test itself."""
    return [
        (method, _filled(path), handler)
        for path, handler in handlers(app)
        for method in sorted(handler.http_methods)
        if path.startswith("/api/") == (prefix == "/api/") and not path.startswith("/static")
        if path not in ("/logout", "/api/v1/session", "/boom", "/api/v1/boom", "/api/docs")
        if unsafe is None or (method != "GET") is unsafe
    ]


def _filled(path: str) -> str:
    return re.sub(r"{\w+:(\w+)}", lambda found: "999999" if found[1] == "int" else str(uuid4()), path)


def _made_up(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: "999999" if found[1] == "number" else str(uuid4()), path)


def shaped(answer: Any) -> bool:
    """An API answer: fine, or the one error shape."""
    if answer.status_code < 400:
        return True
    body = answer.json()
    return (
        set(body) == {"code", "message", "details"}
        and isinstance(body["details"], dict)
        and bool(body["message"])
    )


def worded(answer: Any) -> bool:
    """A page's answer: fine, or an error page."""
    return answer.status_code < 400 or answer.headers["content-type"].startswith("text/html")


async def test_every_api_route_refuses_strangers_alike(tried: Application, anybody: Browser) -> None:
    for method, path, handler in routes(tried, "/api/"):
        answer = await anybody.request(method, path, content=b"{}", headers=JSON)
        assert shaped(answer), (method, path, answer.text)
        if handler.opt["permission"] != "public":
            assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in"), (method, path)


async def test_every_page_sends_strangers_to_the_login(tried: Application, anybody: Browser) -> None:
    for method, path, handler in routes(tried, "/"):
        if handler.opt["permission"] != "public":
            answer = await (anybody.get(path) if method == "GET" else anybody.submit(path))
            assert (answer.status_code, answer.headers["location"][:12]) == (303, "/login?next="), (
                method,
                path,
            )


async def test_the_wrong_method_is_named(tried: Application, everybody: Browser) -> None:
    for _method, path, _handler in routes(tried, "/api/"):
        answer = await everybody.request("TRACE", path)
        assert shaped(answer), path
        assert answer.status_code == 405


async def test_every_api_route_survives_broken_bodies(tried: Application, everybody: Browser) -> None:
    for method, path, _handler in routes(tried, "/api/", unsafe=True):
        for body in BROKEN_BODIES:
            answer = await everybody.request(method, path, content=body, headers=JSON)
            assert shaped(answer), (method, path, body[:20], answer.text)
            assert answer.status_code < 500, (method, path, body[:20])
        answer = await everybody.request(method, path, content=b"x", headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), path


async def test_every_api_route_survives_every_field_wrong(tried: Application, everybody: Browser) -> None:
    document = (await everybody.get("/api/openapi.json")).json()
    for path, verbs in document["paths"].items():
        for method, operation in verbs.items():
            if path == "/api/v1/session" or "requestBody" not in operation:
                continue
            content = operation["requestBody"]["content"]
            if "application/json" not in content:
                continue
            schema = content["application/json"]["schema"]
            usual = example(document, schema)
            for name in usual if isinstance(usual, dict) else []:
                for evil in EVIL_JSON:
                    body = json.dumps(usual | {name: evil})
                    answer = await everybody.request(method, _made_up(path), content=body, headers=JSON)
                    assert shaped(answer), (method, path, body[:200], answer.text)
                    assert answer.status_code < 500, (method, path, body[:200])


async def test_every_route_survives_evil_queries(tried: Application, everybody: Browser) -> None:
    for method, path, handler in [*routes(tried, "/api/", unsafe=False), *routes(tried, "/", unsafe=False)]:
        check = shaped if path.startswith("/api/") else worded
        names = set(handler.parsed_fn_signature.parameters) - {"request"} | {"page", "q"}
        for name in sorted(names):
            for evil in EVIL_QUERY:
                answer = await everybody.request(method, f"{path}?{name}={evil}")
                assert check(answer), (path, name, evil)
                assert answer.status_code < 500, (path, name, evil)
        for evil in EVIL_QUERY if check is worded else []:
            every = "&".join(f"{name}={evil}" for name in field_names())
            answer = await everybody.get(f"{path}?{every}")
            assert worded(answer), (path, evil)
            assert answer.status_code < 500, (path, evil)


async def test_every_form_survives_evil_fields(tried: Application, everybody: Browser) -> None:
    names = field_names()
    for _method, path, _handler in routes(tried, "/", unsafe=True):
        for evil in EVIL_TEXT:
            answer = await everybody.submit(path, dict.fromkeys(names, evil))
            assert worded(answer), (path, evil[:20])
            assert answer.status_code < 500, (path, evil[:20])


async def test_a_bad_id_is_an_unknown_address(tried: Application, everybody: Browser) -> None:
    for path, handler in handlers(tried):
        if "{" in path and not path.startswith(("/static", "/api/{")) and "GET" in handler.http_methods:
            for bad in ("abc", "1", "%00", "%FF", "0" * 500):
                answer = await everybody.get(re.sub(r"{[^}]*}", bad, path))
                assert answer.status_code == 404, (path, bad)


async def test_an_unknown_address(anybody: Browser) -> None:
    for path in ("/api/v1/nothing", "/api/v2", "/api/v1/officers/x/y/z"):
        answer = await anybody.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    page = await anybody.get("/nothing")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_a_wrong_field_is_named(anybody: Browser) -> None:
    for body in (b'{"a":[1,"x"]}', b'{"a":1}', b"[]"):
        answer = await anybody.post("/api/v1/mirror", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert len(answer.json()["details"]["errors"]) == 1
    missing = await anybody.post("/api/v1/session", json={"username": "x"})
    assert missing.json()["details"] == {"errors": {"password": "缺少这一项"}}
    malformed = await anybody.post("/api/v1/session", content=b"{", headers=JSON)
    assert (malformed.status_code, malformed.json()["code"]) == (400, "bad_request")


async def test_a_form_error_that_no_page_catches_is_still_in_words(anybody: Browser) -> None:
    answer = await anybody.submit("/mirror", {"username": "x"})
    assert (answer.status_code, "请填写" in answer.text) == (422, True)


async def test_a_fault_of_ours_shows_a_number_and_no_trace(
    anybody: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/api/v1/boom", "/boom"):
        answer = await anybody.get(path)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
    incident = (await anybody.get("/api/v1/boom")).json()["details"]["incident"]
    assert f"incident {incident}" in caplog.text
    assert "the secret of the trace" in caplog.text


async def test_every_constraint_of_the_database_has_words_or_is_not_for_people(db: str) -> None:
    from chizheng.kernel.db import fetch

    rows = await fetch(
        "SELECT conname FROM pg_constraint WHERE contype = 'x'"
        " UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND NOT indisprimary"
    )
    ours = {row[0] for row in rows if not row[0].startswith("pg_")}
    assert sorted(ours - set(BROKEN) - NOT_FOR_PEOPLE) == []


NOT_FOR_PEOPLE = {
    "job_run_once",
    "import_row_once",
    "unit_ancestor_once",
    "field_name_key",
    "power_item_code_key",
    "decision_number_key",
}  # written by the program itself; should one break, the words by kind of constraint do


def example(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """A value of the right shape, so that one wrong field is the only wrong thing."""
    if "$ref" in schema:
        return example(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return example(document, next(one for one in schema[key] if one.get("type") != "null"))
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if kind == "object":
        return {name: example(document, one) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(document, schema.get("items", {"type": "string"}))]
    if kind == "string":
        usual = {"uuid": str(uuid4()), "date": "2026-11-21", "date-time": "2026-11-21T00:00:00Z"}
        return usual.get(schema.get("format", ""), "测试")
    return {"integer": 1, "number": 1, "boolean": True}.get(kind or "")


def field_names() -> list[str]:
    """Every field name that any of our forms uses."""
    texts = [path.read_text() for folder in template_folders() for path in Path(folder).rglob("*.html")]
    found = re.findall(r'name="([a-z_]+)"|forms\.field\(\w+, "([a-z_]+)"', "".join(texts))
    return sorted({one or other for one, other in found} - {"_csrf_token", "viewport"})
