"""Decisions: every answer of the gate that mattered, kept."""
