"""The function that tests of workers call."""

from grader.course.model import Function

FUNCTION = Function("answer", ("value", "other"), "", "def answer(value, other)")
