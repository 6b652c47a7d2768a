"""Failed logins by address, so that one machine cannot try a few passwords on each of many accounts.

Only failures count: a whole district behind one address may log in at once. Kept in this worker's memory and
bounded; the lock of the account itself is in the database and holds across workers.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=10)
MOST_FAILURES = 300  # a district of 244 mistypes now and then; an account locks after five anyway
MOST_ADDRESSES = 10_000


class Throttle:
    """A sliding window of failures per address."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, address: str, now: datetime) -> timedelta:
        """How long the address must wait; zero when it need not."""
        failures = self._failures.get(address)
        if failures is None:
            return timedelta()
        while failures and failures[0] <= now - WINDOW:
            failures.popleft()
        return failures[0] + WINDOW - now if len(failures) >= MOST_FAILURES else timedelta()

    def failed(self, address: str, now: datetime) -> None:
        """Counts one failure."""
        self._failures.setdefault(address, deque(maxlen=MOST_FAILURES)).append(now)
        self._failures.move_to_end(address)
        while len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)
