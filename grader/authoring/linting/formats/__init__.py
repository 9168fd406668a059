"""How what is found in notebooks can be written: one module a format."""
