"""How what cheats earned can be written: one module a format."""
