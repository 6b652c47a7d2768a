"""Tells personnel's pages what their deeds do to cases (see `personnel.duties`)."""

from datetime import date, datetime
from uuid import UUID

from chizheng.clearance.assignments.queries import cases_left_short, duties_of, open_assignments_of
from chizheng.kernel.clock import shanghai_day
from personnel.duties import Outlook


class CaseDuties:
    """Answers out of the assignments."""

    async def outlook(self, officer: UUID, today: date) -> Outlook:
        """How many assignments are open, and how many cases they would leave short of a handler."""
        duties = await open_assignments_of(officer, today)
        return Outlook(len(duties), cases_left_short(duties))

    async def stood_down(self, officer: UUID, at: datetime) -> int:
        """How many assignments ended in the transaction of that instant because they were no longer cleared."""
        duties = await duties_of(officer, shanghai_day(at))
        return sum(duty.ended_at == at and duty.ending == "stood_down" for duty in duties)
