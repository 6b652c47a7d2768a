"""The audit log as auditors and supervisors read it."""
