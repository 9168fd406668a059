"""Verdicts as people and other tools read them."""
