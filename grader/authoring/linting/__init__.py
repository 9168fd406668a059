"""Looks through course notebooks for what would mislead a student, by named rules."""
