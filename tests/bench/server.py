"""The application with two handlers more to compare with: one that does nothing, one that reads a row by its key."""

import sys
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from litestar import get
from litestar.params import Parameter

from chizheng.kernel.access import Permission, public, requires
from chizheng.kernel.db import fetch_one
from chizheng.service.app import create_app
from chizheng.service.settings import read_settings


@get("/api/bench/bare", **public())
async def bare() -> dict[str, str]:
    """Nothing but the framework."""
    return {"status": "ok"}


@get("/api/bench/key/{id:uuid}", **requires(Permission.CLEARANCE_CHECK))
async def by_key(id: Annotated[UUID, Parameter(description="officer")]) -> dict[str, Any]:
    """One raw primary-key read behind the same authentication as the check."""
    row = await fetch_one("SELECT id, name FROM officer WHERE id = $1", id)
    return dict(row) if row else {}


def main(port: int) -> None:
    app = create_app(read_settings(), more_routes=[bare, by_key])
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        ws="none",
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
