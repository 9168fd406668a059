"""Runs a notebook as `python execute_notebook.py FILE`, in a process of its own whose memory is measured."""

import json
import resource
import sys
from pathlib import Path

from grader.notebook import execute
from grader.sandbox.outside.server import Isolation

content = Path(sys.argv[1]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
said = execute.why_it_does_not_run("work.ipynb", content, Isolation.STRICT)
print(json.dumps({"said": said, "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before >> 10}))
