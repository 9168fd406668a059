"""Notebooks as submissions: from JSON to cells, from cells to plain Python, and what of it can be graded."""
