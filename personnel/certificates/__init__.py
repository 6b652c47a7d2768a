"""Certificates and what happens to them."""
