"""A pull request: checks and rubrics come from its base commit, only the student's own files from its head."""
