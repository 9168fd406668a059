"""The command `grade`: arguments and exit codes only, one module a group of commands."""
