"""Examples that a student writes before the code: calls and what they should return.

They are tried on the student's function at the desk, and may earn points by the known mistakes that they catch.
"""
