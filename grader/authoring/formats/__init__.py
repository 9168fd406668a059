"""How what the exercise checker found can be written: one module a format."""
