"""A pull request: everything that decides from its base commit, only the student's own files from its head."""
