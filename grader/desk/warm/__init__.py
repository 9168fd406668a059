"""The judge that stays warm for a course's folder: a process of its own, asked over a Unix socket in a private folder.

Its client imports nothing heavy. A judge ends by itself after some idle minutes, and when the tool or the course has
changed. It is for desks alone: a class and a pull request are never graded by it.
"""
