"""The formats that groups of a class are written in."""
