"""The formats that the effect of messages is written in."""
