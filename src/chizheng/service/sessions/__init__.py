"""Sessions: server-side, hashed, rotated at login, with idle and absolute limits."""
