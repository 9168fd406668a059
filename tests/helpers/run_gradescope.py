"""Grades a container's folder as Gradescope's autograder does, on a kernel without Landlock."""

import sys
from pathlib import Path

from grader.classroom.autograders.gradescope import grade_submission
from grader.sandbox.outside import server


def main() -> None:
    """Grade the folder that the command line names."""
    server.STRICT_LANDLOCK_ABI = 99
    print(grade_submission(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
