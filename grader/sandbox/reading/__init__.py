"""Reads hand-ins where the death of a process harms nobody: in one short confined child each."""
