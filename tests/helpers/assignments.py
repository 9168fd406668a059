"""Instructors' notebooks in the style of public assignments, for nbgrader and for otter-grader, written for tests."""

from __future__ import annotations

import textwrap
from typing import Any

from helpers.notebooks import code, notebook, text

SCHEDULE = "The signal that is left at each timestep is the running product of `1 - beta`."


def answer(source: str, **more: Any) -> dict[str, Any]:
    """Return a cell of nbgrader's that students write."""
    return _nbgrader(source, solution=True, **more)


def graded_cell(source: str, points: float, **more: Any) -> dict[str, Any]:
    """Return a cell of tests of nbgrader's."""
    return _nbgrader(source, grade=True, locked=True, points=points, **more)


def given(source: str) -> dict[str, Any]:
    """Return a cell of nbgrader's that students cannot change."""
    return _nbgrader(source, locked=True)


def _nbgrader(source: str, **flags: Any) -> dict[str, Any]:
    named = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "grade_id": "x"} | flags
    return code(_plain(source), metadata={"nbgrader": named})


def raw(source: str) -> dict[str, Any]:
    """Return a raw cell, in which otter-grader's marks are."""
    return {"cell_type": "raw", "source": _plain(source), "metadata": {}}


def ran(source: str, result: str) -> dict[str, Any]:
    """Return a cell of code that was run, with its result."""
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": result}}
    return code(_plain(source), outputs=[output], execution_count=1)


def question(name: str, settings: str, above: str, solution: str, *tests: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a question for otter-grader."""
    begin = f"# BEGIN QUESTION\nname: {name}\n{settings}".rstrip()
    return [
        raw(begin), text(above),
        raw("# BEGIN SOLUTION"), code(_plain(solution)), raw("# END SOLUTION"),
        raw("# BEGIN TESTS"), *tests, raw("# END TESTS"),
        raw("# END QUESTION"),
    ]  # fmt: skip


def _plain(source: str) -> str:
    return textwrap.dedent(source).strip("\n")


FOR_NBGRADER = notebook(
    text("# Noise schedules\n\nFill in each `# YOUR CODE HERE`."),
    given("import math\n\nimport numpy as np\n%matplotlib inline\n\nSMALLEST = 1e-8"),
    text(f"## Alpha-bar\n\n{SCHEDULE}"),
    answer('''
        def alpha_bar(betas):
            """Return the running product of 1 - beta, as a list of the length of `betas`."""
            ### BEGIN SOLUTION
            product, found = 1.0, []
            for beta in betas:
                product *= 1 - beta
                found.append(product)
            return found
            ### END SOLUTION
    '''),
    graded_cell('''
        """The first entries of a schedule that is easily computed."""
        assert alpha_bar([0.5]) == [0.5]
        assert len(alpha_bar([0.1] * 7)) == 7, "One number for each beta."
        ### BEGIN HIDDEN TESTS
        assert alpha_bar([0.5, 0.5, 0.5]) == [0.5, 0.25, 0.125]
        assert alpha_bar([]) == [], "secret: nothing for nothing"
        ### END HIDDEN TESTS
    ''', points=3),
    text("### Signal to noise"),
    answer('''
        def logSnr(a):
            ### BEGIN SOLUTION
            return _safe(math.log(max(a, SMALLEST) / max(1 - a, SMALLEST)))

        def _safe(number):
            return float(number)
            ### END SOLUTION
    '''),
    graded_cell('''
        for a in (0.1, 0.5, 0.9):
            np.testing.assert_allclose(logSnr(a), np.log(a / (1 - a)),
                                       rtol=1e-6)
    ''', points=1.5),
    graded_cell("""
        # It is finite at both ends.
        assert math.isfinite(logSnr(0.0)) and math.isfinite(logSnr(1.0))
    """, points=0.5),
)  # fmt: skip

FOR_OTTER = notebook(
    raw("# ASSIGNMENT CONFIG\nname: guidance"),
    text("# Guidance"),
    code("import numpy as np"),
    *question("q1", "points: 4", "Move from one prediction towards the other.", '''
        def guided(without, with_text, scale):
            """Return the prediction that classifier-free guidance takes."""
            # BEGIN IGNORE
            print("a note among instructors")
            # END IGNORE
            print("another note") # IGNORE
            return without + scale * (with_text - without) # SOLUTION
        ''',
        ran("guided(1.0, 3.0, 2.0)", "5.0"),
        ran("# A scale of 1 gives the prediction with the text.\nguided(2, 7, 1) == 7", "True"),
        ran("# HIDDEN\nguided(0, 1, 7)", "7"),
        code('""" # BEGIN TEST CONFIG\npoints: 1\nhidden: true\n""" # END TEST CONFIG\nassert guided(4, 4, 9) == 4'),
    ),
    *question("q2", "", "How many steps of a sampler run?", '''
        def steps_left(total, strength):
            # BEGIN SOLUTION NO PROMPT
            return min(int(total * strength), total)
            # END SOLUTION
            \'\'\' # BEGIN PROMPT
            return ...
            \'\'\'; # END PROMPT
        ''',
        code("def test_some(steps_left):\n    assert steps_left(50, 0.8) == 40\n    assert steps_left(50, 0.0) == 0\n\ntest_some(steps_left)"),
    ),
    *question("q3", "manual: true\npoints: 5", "Why?", "# a drawing"),
)  # fmt: skip

MIXED = notebook(
    text("# Everything at once"),                                                                   # 1
    given("import numpy as np\nimport nowhere_to_be_found as missing\nfrom os.path import *"),      # 2
    given("def helper(x):\n    return x + 1\n\nclass Net:\n    pass"),                              # 3
    answer("### BEGIN SOLUTION\nx = 3 * 4\n### END SOLUTION"),                                      # 4
    graded_cell("assert x == 12", points=2),                                                               # 5
    answer("def area(side):\n    ### BEGIN SOLUTION\n    return side * side\n    ### END SOLUTION"),  # 6
    graded_cell("assert area(2) == 4\nassert area(3) == 9", points=1),                                     # 7
    graded_cell("assert area(x) == 144", points=1),                                                        # 8
    graded_cell("with pytest.raises(ValueError):\n    area(-1)", points=1),                                # 9
    graded_cell("score = 0\nif area(1) == 1:\n    score += 1\nscore", points=1),                           # 10
    graded_cell("assert [area(n) for n in map(abs, [1])] == [1]\nassert callable(area)", points=1),        # 11
    answer("def more(x):\n    ### BEGIN SOLUTION\n    return helper(x)\n    ### END SOLUTION"),     # 12
    graded_cell("assert more(1) == 2", points=1),                                                          # 13
    answer("def volume(side):\n    ### BEGIN SOLUTION\n    return area(side) * side\n    ### END SOLUTION"),  # 14
    graded_cell("assert volume(2) == 8", points=1),                                                        # 15
    graded_cell("assert area(2) * 2 == volume(2)", points=1),                                              # 16
    answer("def outer(x):\n    ### BEGIN SOLUTION\n    return missing.f(x)\n    ### END SOLUTION"),  # 17
    graded_cell("assert outer(1)", points=1),                                                              # 18
    answer("class Layer(Net):\n    pass"),                                                          # 19
    graded_cell("assert isinstance(Layer(), Net)", points=1),                                              # 20
    answer("Explain.", grade=True, points=5),                                                       # 21
    answer("def unseen(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),           # 22
    graded_cell("### BEGIN HIDDEN TESTS\nassert unseen(1) == 1\n### END HIDDEN TESTS", points=1),          # 23
    answer("def untested(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),         # 24
    answer("def fill(xs):\n    ### BEGIN SOLUTION\n    xs.append(1)\n    ### END SOLUTION"),        # 25
    graded_cell("xs = []\nfill(xs)\nassert xs == [1]", points=1),                                          # 26
    given("!pip install something\nthis isn't python"),                                            # 27
    answer("def half(x):\n    y = x\n    ### BEGIN SOLUTION\n    y = x / 2\n    ### END SOLUTION\n    return y"),  # 28
    graded_cell("assert half(1) == 0.5", points=1),                                                        # 29
    answer("def opened(p):\n    ### BEGIN SOLUTION\n    return open(p).read()"),                    # 30
    graded_cell("assert opened('x')", points=1),                                                           # 31
)  # fmt: skip
