"""Tells personnel's pages what their deeds do to cases (see `personnel.duties`)."""

from datetime import date, datetime
from uuid import UUID

from chizheng.clearance.assignments.queries import cases_left_short, duties_of, open_assignments_of
from chizheng.clearance.cases.queries import cases_in_reach
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.clock import shanghai_day
from personnel.duties import Outlook


class CaseDuties:
    """Answers out of the assignments."""

    async def outlook(self, asker: Actor, officer: UUID, today: date) -> Outlook:
        """How many assignments are open, and which cases they would leave short of a handler."""
        duties = await open_assignments_of(officer, today)
        short = cases_left_short(duties)
        readable: set[UUID] = set()
        if short and asker.may(Permission.CASE_READ):
            readable = await cases_in_reach(asker.scope(Permission.CASE_READ), short)
        named = tuple((f"/cases/{case}", words) for case, words in short.items() if case in readable)
        return Outlook(len(duties), len(short), named)

    async def stood_down(self, officer: UUID, at: datetime) -> int:
        """How many assignments ended in the transaction of that instant because they were no longer cleared."""
        duties = await duties_of(officer, shanghai_day(at))
        return sum(duty.ended_at == at and duty.ending == "stood_down" for duty in duties)
