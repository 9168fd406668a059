"""What makes the things that ship, and tries the project in other surroundings."""
