"""An auto-grader and exercise checker for courses on generative models."""

__version__ = "0.1.0"
