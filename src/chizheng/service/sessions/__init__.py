"""Sessions: who is logged in, for how long, from which browser."""
