"""Bringing a district's own workbooks in: find the columns, read the rows, say what is wrong with each."""
