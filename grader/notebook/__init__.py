"""Exercises inside a notebook: checked from its cells, and whole notebooks run before they are graded."""
