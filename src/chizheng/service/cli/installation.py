"""What nearly every command needs: the database up, migrated, with a directory of units."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from chizheng.kernel.home import ensure_home
from chizheng.kernel.i18n import _
from chizheng.service.database import Address, opened, postgres
from chizheng.service.settings import read_settings
from chizheng.service.starter import start_directory

T = TypeVar("T")

POOL = 2


def with_installation(work: Callable[[], Awaitable[T]]) -> T:
    """Runs the work with the database open, and leaves the database as it was found: running or not."""
    read_settings()  # a setting that cannot be used is named before anything is touched
    ensure_home()
    with postgres() as address:
        return asyncio.run(_prepared(address, work))


async def _prepared(address: Address, work: Callable[[], Awaitable[T]]) -> T:
    async with opened(address, POOL):
        await begin_directory()
        return await work()


async def begin_directory() -> None:
    """The starter directory for a new installation, announced in one line."""
    made = await start_directory()
    if made:
        click.echo(_("新的安装：已建立起始单位目录（%(count)s 个单位）", count=made), err=True)
