"""All commands with options: each module adds its own to the group."""

from __future__ import annotations

from grader.cli import (  # noqa: F401 - each adds its commands
    class_commands,
    cluster_commands,
    course_commands,
    course_converting,
    desk_commands,
    gradebook_commands,
    grading_command,
    mark_commands,
    notebook_commands,
    platform_commands,
)
