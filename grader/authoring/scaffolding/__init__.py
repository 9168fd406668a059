"""Stubs that give more support or less, made of an exercise's stub and the marks in its solution."""
