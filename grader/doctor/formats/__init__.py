"""How what the doctor found can be written: one module a format."""
