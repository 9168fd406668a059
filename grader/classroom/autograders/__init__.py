"""Autograders: what a platform starts once for each submission, in a machine of its own."""
