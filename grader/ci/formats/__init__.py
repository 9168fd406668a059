"""How the verdict on a pull request can be written: one module a format."""
