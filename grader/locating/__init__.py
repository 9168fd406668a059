"""Where a mistake is: tries single edits of a student's function in workers, and names the place, never the edit."""
