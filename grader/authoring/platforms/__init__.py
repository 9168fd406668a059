"""What a teaching platform gets of a course: one module a platform, each of which returns files by path."""
