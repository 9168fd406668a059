"""The marking page: a local website on which people read hand-ins, give points and write comments."""
