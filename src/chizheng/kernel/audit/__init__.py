"""Audit: append-only, hash-chained, written in the transaction of the action it records."""

from chizheng.kernel.audit.actions import record

__all__ = ["record"]
