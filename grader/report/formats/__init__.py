"""How a verdict can be written: one module a format."""
