"""Home pages: what needs this person today, by role."""
