"""Tells personnel's pages who may act (see `personnel.acting`)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chizheng.clearance.gate.answers import Abilities
from chizheng.clearance.gate.queries import abilities_of
from chizheng.clearance.gate.rules import explain
from chizheng.kernel.i18n import _
from personnel.acting import Acting


class GateAnswers:
    """Answers out of the gate."""

    async def acting(self, officers: Sequence[UUID], day: date) -> dict[UUID, Acting]:
        """The answer about each of them, at the bureau that uses them."""
        return {one.officer: _told(one, day) for one in await abilities_of(officers, day)}


def _told(person: Abilities, day: date) -> Acting:
    fields = tuple(answer.field for answer in person.answers if answer.cleared and answer.field)
    if fields:
        return Acting(fields)
    first = person.answers[0]
    hard = [gap for gap in first.gaps if gap.hard]
    text = _("不得上岗，%(why)s", why=explain(hard[0], person.question(first.field, day)).message)
    if len(hard) > 1:
        text += _("；另有 %(count)s 项", count=len(hard) - 1)
    return Acting((), text)
