"""The API's description is true, whole and served from here."""

import re
from typing import Any

import pytest

from chizheng.service.app import Application, handlers
from tests.web import Browser

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
async def document(nobody: Browser) -> dict[str, Any]:
    answer = await nobody.get("/api/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, verb, one) for path, verbs in document["paths"].items() for verb, one in verbs.items()]


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [ref for item in node for ref in references(item)]
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for item in node.values() for ref in references(item)]
    return []


async def test_it_is_openapi_3_1_with_every_api_route_and_no_page(
    app: Application, document: dict[str, Any]
) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert {"title", "version"} <= set(document["info"])
    routes = {
        (re.sub(r":\w+}", "}", path), method.lower())
        for path, handler in handlers(app)
        if path.startswith("/api/v1/")
        for method in handler.http_methods
    }
    assert {(path, verb) for path, verb, _ in operations(document)} == routes


async def test_every_reference_resolves(document: dict[str, Any]) -> None:
    for reference in references(document):
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
        assert isinstance(node, dict)


async def test_operations_are_named_once_and_explained(document: dict[str, Any]) -> None:
    names = [one["operationId"] for _, _, one in operations(document)]
    assert len(names) == len(set(names))
    assert [(path, verb) for path, verb, one in operations(document) if not one.get("summary")] == []
    assert {verb for _, verb, _ in operations(document)} <= METHODS


async def test_path_parameters_are_declared(document: dict[str, Any]) -> None:
    for path, _verb, one in operations(document):
        declared = {item["name"] for item in one.get("parameters", []) if item["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))


async def test_errors_have_one_shape_and_an_example(document: dict[str, Any]) -> None:
    for path, verb, one in operations(document):
        success = [status for status in one["responses"] if status.startswith("2")]
        assert success, (path, verb)
        for status, response in one["responses"].items():
            if status.startswith("4"):
                content = response["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/ApiError"}
                assert set(content["example"]) == {"code", "message", "details"}


async def test_the_page_loads_nothing_from_elsewhere(nobody: Browser) -> None:
    page = await nobody.get("/api/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(address.startswith("/static/") for address in loaded)
    assert [(await nobody.get(address)).status_code for address in loaded] == [200] * len(loaded)
    assert "<style" not in page.text
    assert "<script>" not in page.text


async def test_an_unknown_address_below_the_api_is_json(nobody: Browser) -> None:
    answer = await nobody.get("/api/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
