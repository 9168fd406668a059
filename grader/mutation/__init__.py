"""Mutants of Python functions, made by edits of their syntax trees; knows no course and runs nothing."""
