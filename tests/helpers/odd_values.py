"""Values that are hard to describe."""


class Unprintable:
    """A value whose own text cannot be had."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")
