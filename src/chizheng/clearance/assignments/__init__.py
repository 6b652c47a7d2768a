"""Assignments: who does what in a case, and what ends it."""
