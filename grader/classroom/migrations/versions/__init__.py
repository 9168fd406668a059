"""The revisions, oldest first; one that a gradebook may have been through is never changed again."""
