"""A course on disk: its lessons and exercises, what their files are, what they are worth, and their pages."""
