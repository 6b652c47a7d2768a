"""The gate itself: its SQL, and its questions and answers in Python."""
