"""Tools for those who write exercises."""
