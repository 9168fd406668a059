"""Grades a container's folder as Gradescope's autograder does, on a kernel with Landlock or on one without."""

import sys
from pathlib import Path

from grader.classroom.autograders.gradescope import grade_submission
from grader.errors import UsageError
from grader.sandbox.outside import server


def main() -> None:
    """Grade what the command line names: the folder, and `landlock` or `none`."""
    root, kernel = sys.argv[1:]
    if kernel == "none":
        server.STRICT_LANDLOCK_ABI = 99
    try:
        print(grade_submission(Path(root)))
    except UsageError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
