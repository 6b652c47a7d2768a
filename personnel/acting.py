"""Whether people may act on a day, asked of a higher layer through the application's state.

Personnel knows certificates and postings; whether somebody may act follows from all facts together, and only the gate
says so. The service sets `app.state.gate`; without it a page tells what the certificate alone says.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import msgspec
from litestar import Request

from chizheng.kernel.i18n import _
from personnel.certificates.labels import Standing, acting_sentence, kind, sentence
from personnel.certificates.rules import State

Held = TypeVar("Held", bound=Standing)


class Acting(msgspec.Struct, frozen=True):
    """The gate's answer about one person on one day: the fields they may lead a case in, or the first reason why not,
    in the reader's language.
    """

    fields: tuple[str, ...]
    why_not: str = ""


class Gate(Protocol):
    """Who can tell."""

    async def acting(self, officers: Sequence[UUID], day: date) -> Mapping[UUID, Acting]:
        """The answer about each of them, at the bureau that uses them."""


async def standings(
    request: Request[Any, Any, Any], people: Iterable[tuple[UUID, Held | None]], today: date
) -> list[tuple[str, str]]:
    """Of each person, with the certificate they hold: the status kind of the page macros, and the sentence."""
    asked = list(people)
    gate = cast("Gate | None", request.app.state.get("gate"))
    answers = await gate.acting([officer for officer, _held in asked], today) if gate and asked else {}
    return [in_words(answers.get(officer), held, today) for officer, held in asked]


def in_words(answer: Acting | None, held: Standing | None, today: date) -> tuple[str, str]:
    """The status kind and the sentence: the certificate's, if that alone bars its holder, else by the gate's answer."""
    if held is None:
        return "not_cleared", _("未持证：不得上岗")
    if answer is None or held.state != State.VALID:
        return kind(held, today), sentence(held, today)
    if answer.why_not:
        return "not_cleared", answer.why_not
    return kind(held, today), acting_sentence(held, answer.fields)
