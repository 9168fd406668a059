"""`grade watch`: a verdict for every save, and keys for what comes after it."""
