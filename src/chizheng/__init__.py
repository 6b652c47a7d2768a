"""Chizheng (持证): who may lawfully enforce, where, today."""
