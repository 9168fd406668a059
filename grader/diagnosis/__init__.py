"""What is behind a failed check: the known mistake that gives the submission's own answers."""
