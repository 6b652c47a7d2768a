"""Routes that serve no noun: health, and static files."""

import asyncio
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chizheng.kernel.access import public
from chizheng.kernel.assets import find
from chizheng.kernel.db import fetch_value

FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "public, no-cache"
PATIENCE = 2  # seconds the database may take before the service calls itself ill


@get("/healthz", **public())
async def healthz() -> Response[dict[str, str]]:
    """200 when the service and its database answer, 503 when not."""
    try:
        async with asyncio.timeout(PATIENCE):
            await fetch_value("SELECT 1")
    except Exception:  # whatever it is, the answer is the same
        return Response({"status": "unavailable"}, status_code=503)
    return Response({"status": "ok"})


@get("/static/{path:path}", opt={"permission": "public", "static": True, "exclude_from_csrf": True})
async def static_file(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
    """A file of ours; kept for ever when asked for by version, else asked for again each time (304)."""
    asset = find(path.lstrip("/"))
    if asset is None:
        raise NotFoundException
    tag = f'"{asset.version}"'
    headers = {
        "etag": tag,
        "cache-control": FOR_EVER if request.query_params.get("v") == asset.version else ASK_FIRST,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=asset.kind)
    return Response(asset.body, headers=headers, media_type=asset.kind)


ROUTES = [healthz, static_file]
