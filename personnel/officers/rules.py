"""What a person's standing may be and become: in service, in establishment, legally qualified."""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Service (公务员法): only `active` lets a person act."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"
    RETIRED = "retired"
    DISMISSED = "dismissed"


class Establishment(StrEnum):
    """编制性质. The first four are in establishment; the others bar a certificate (河南 20; 山东 10)."""

    ADMINISTRATIVE = "administrative"
    ENFORCEMENT = "enforcement"
    CIVIL_SERVICE_MANAGED = "civil_service_managed"
    INSTITUTION = "institution"
    CONTRACT = "contract"
    DISPATCHED = "dispatched"
    WORKER = "worker"
    TEMPORARY = "temporary"
    AUXILIARY = "auxiliary"


IN_ESTABLISHMENT: Final = frozenset(
    {
        Establishment.ADMINISTRATIVE,
        Establishment.ENFORCEMENT,
        Establishment.CIVIL_SERVICE_MANAGED,
        Establishment.INSTITUTION,
    }
)

SERVICE_MOVES: Final[dict[Status | None, frozenset[Status]]] = {
    None: frozenset({Status.ACTIVE}),
    Status.ACTIVE: frozenset({Status.SUSPENDED, Status.LEFT, Status.RETIRED, Status.DISMISSED}),
    Status.SUSPENDED: frozenset({Status.ACTIVE, Status.LEFT, Status.RETIRED, Status.DISMISSED}),
    Status.LEFT: frozenset({Status.ACTIVE}),
    Status.RETIRED: frozenset(),
    Status.DISMISSED: frozenset(),
}
"""From what was until the day to what begins on it. Who was dismissed or has retired does not come back."""

NEEDS_A_DOCUMENT: Final = frozenset({Status.SUSPENDED, Status.LEFT, Status.RETIRED, Status.DISMISSED})


class Secret(StrEnum):
    """What lies sealed and can be shown whole, for a reason, to a few."""

    ID_NUMBER = "id_number"
    PHONE = "phone"


def may_become(before: Status | None, after: Status) -> bool:
    """Whether service may go on like this."""
    return after in SERVICE_MOVES[before]
