"""Pull requests and pushes: only the student's own files come from the head commit, and never checks or rubrics."""
