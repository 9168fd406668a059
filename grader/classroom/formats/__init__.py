"""What can be made of a gradebook: one module a format."""
