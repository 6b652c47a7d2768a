"""Officers: identity, service, establishment, legal qualification."""
