"""Postings: who owns, manages and uses an officer (区属、镇管、镇用), and when."""
