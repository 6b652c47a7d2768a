"""Typed identifiers. New ids are UUID version 7: they sort by time, so indexes grow at one end."""

import secrets
import time
from typing import NewType
from uuid import UUID

AccountId = NewType("AccountId", UUID)
AssignmentId = NewType("AssignmentId", UUID)
BatchId = NewType("BatchId", UUID)
CaseId = NewType("CaseId", UUID)
CertificateId = NewType("CertificateId", UUID)
DecisionId = NewType("DecisionId", UUID)
OfficerId = NewType("OfficerId", UUID)
PostingId = NewType("PostingId", UUID)
UnitId = NewType("UnitId", UUID)


def new_id() -> UUID:
    """A fresh UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
