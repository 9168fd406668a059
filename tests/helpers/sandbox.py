"""What tests of workers share: the function that they call, and how it is said that one could not be made ready."""

from grader.course.model import Function

FUNCTION = Function("answer", ("value", "other"), "", "def answer(value, other)")
READY = "The process for the submission could not be made ready: "
