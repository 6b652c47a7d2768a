"""Courses and shadow-learning: they write evidence into the officer's file, below the exams."""
