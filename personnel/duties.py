"""What a deed on a person's facts does to their open work, asked of a higher layer through the application's state.

Personnel knows no cases. The service sets `app.state.duties` to something that answers these two questions; without
it the pages say in general terms that open assignments stand down. Who ends a posting need not be allowed to read
cases: those they may read are named to them, the others counted.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Protocol, cast
from uuid import UUID

import msgspec
from litestar import Request

from chizheng.kernel.access import Actor
from chizheng.kernel.i18n import _
from personnel.facts import Change

MOST_NAMED: Final = 5


class Outlook(msgspec.Struct, frozen=True):
    """How many assignments are open, and how many cases lack a handler once these are gone; `named` are those of
    them the asker may read, each with the path of its page and its number and title.
    """

    open: int = 0
    short: int = 0
    named: tuple[tuple[str, str], ...] = ()


class Consequence(msgspec.Struct, frozen=True):
    """A line of what will happen, as `consequence_list` prints it."""

    text: str
    items: Sequence[tuple[str, str]] = ()
    more: str = ""


class Duties(Protocol):
    """Who knows the open work of officers."""

    async def outlook(self, asker: Actor, officer: UUID, today: date) -> Outlook:
        """What is open."""

    async def stood_down(self, officer: UUID, at: datetime) -> int:
        """How many assignments stood down in the transaction of that instant."""


class Done(msgspec.Struct, frozen=True):
    """The API's answer to a deed: the thing it was done to, whose it is, how many assignments stood down."""

    id: UUID
    officer: UUID
    stood_down: int


async def consequences(
    request: Request[Actor, Any, Any], officer: UUID, today: date
) -> list[str | Consequence]:
    """What happens to the officer's open work, in words; nothing when there is none or nobody can tell."""
    duties = _source(request)
    outlook = await duties.outlook(request.user, officer, today) if duties else Outlook()
    if not outlook.open:
        return []
    text = _("此人现有 %(open)s 项在办指派", open=outlook.open)
    if not outlook.short:
        return [text]
    text += _("；离岗后 %(short)s 件案件将缺承办人", short=outlook.short)
    named = outlook.named[:MOST_NAMED]
    rest = outlook.short - len(named)
    more = _("另有 %(count)s 件", count=rest) if named and rest else ""
    return [Consequence(text + _("：") if named else text, named, more)]


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
