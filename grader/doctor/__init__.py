"""`grade doctor`: looks at Python, libraries, confinement, course and models, and says how to repair what is broken."""
