"""Makes a course of an assignment for nbgrader or otter-grader, as far as that can be done without running it."""
