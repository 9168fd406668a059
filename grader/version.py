"""The grader's version, in a module of its own: another distribution may have written over `grader/__init__.py`."""

__version__ = "0.2.0"
