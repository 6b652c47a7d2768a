"""What a deed on a person's facts does to their open work, asked of a higher layer through the application's state.

Personnel knows no cases. The service sets `app.state.duties` to something that answers these two questions; without
it the pages say in general terms that open assignments stand down. Only numbers come back: who ends a posting need
not be allowed to read cases.
"""

from datetime import date, datetime
from typing import Any, Protocol, cast
from uuid import UUID

import msgspec
from litestar import Request

from chizheng.kernel.i18n import _
from personnel.facts import Change


class Outlook(msgspec.Struct, frozen=True):
    """How many assignments are open, and how many cases lack a handler once these are gone."""

    open: int = 0
    short: int = 0


class Duties(Protocol):
    """Who knows the open work of officers."""

    async def outlook(self, officer: UUID, today: date) -> Outlook:
        """What is open."""

    async def stood_down(self, officer: UUID, at: datetime) -> int:
        """How many assignments stood down in the transaction of that instant."""


class Done(msgspec.Struct, frozen=True):
    """The API's answer to a deed: the thing it was done to, whose it is, how many assignments stood down."""

    id: UUID
    officer: UUID
    stood_down: int


async def consequences(request: Request[Any, Any, Any], officer: UUID, today: date) -> list[str]:
    """What happens to the officer's open work, in words; nothing when there is none or nobody can tell."""
    duties = _source(request)
    outlook = await duties.outlook(officer, today) if duties else Outlook()
    if not outlook.open:
        return []
    text = _("此人现有 %(open)s 项在办指派", open=outlook.open)
    if outlook.short:
        text += _("；离岗后 %(short)s 件案件将缺承办人", short=outlook.short)
    return [text]


async def done(request: Request[Any, Any, Any], change: Change) -> Done:
    """What a change did, with what stood down."""
    duties = _source(request)
    ended = await duties.stood_down(change.officer, change.at) if duties else 0
    return Done(change.id, change.officer, ended)


async def said(request: Request[Any, Any, Any], change: Change, text: str) -> str:
    """The same for a page, after what it says anyway."""
    ended = (await done(request, change)).stood_down
    return text + _("；%(count)s 项指派随之离岗", count=ended) if ended else text


def _source(request: Request[Any, Any, Any]) -> Duties | None:
    return cast("Duties | None", request.app.state.get("duties"))
