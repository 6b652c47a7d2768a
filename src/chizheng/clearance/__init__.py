"""The gate: no certificate, no enforcement. Above personnel, below training and exams."""
