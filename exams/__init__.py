"""Exams: item bank, papers, sittings, marking."""
