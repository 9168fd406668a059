"""Examples that a student writes before the code: calls with what they should return, and what these would catch."""
