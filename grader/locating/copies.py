"""The module that holds many edited copies of one file, and is imported by a worker beside the submission.

A copy is made when it is first called, so that one that breaks, or does not end, costs its own call only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.submission.model import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX = "copy_"
# Its names end in `_`: what a copy imports must not meet them.
_MODULE = """
import copy as copy_, signal as signal_, sys as sys_, types as types_, warnings as warnings_
warnings_.simplefilter("ignore")
texts_ = {texts!r}
made_ = {{}}
class Late_(BaseException):
    pass
def late_(*_):
    raise Late_
signal_.signal(signal_.SIGVTALRM, late_)
def of_(number):
    if number not in made_:
        module = made_[number] = types_.ModuleType(f"{{__package__}}.{prefix}{{number}}")
        module.__package__, module.__file__ = __package__, __file__
        sys_.modules[module.__name__] = module
        exec(compile(texts_[number], f"{prefix}{{number}}.py", "exec"), module.__dict__)
    return made_[number]
def called_(number, name):
    return lambda *arguments, **keywords: getattr(of_(number), name)(*arguments, **keywords)
def each_(name):
    def each(*arguments, **keywords):
        answers, seconds = [], {seconds}
        for number in range(len(texts_)):
            positional, named = copy_.deepcopy((arguments, keywords))
            signal_.setitimer(signal_.ITIMER_VIRTUAL, seconds)
            try:
                answer = [True, called_(number, name)(*positional, **named)]
            except (Exception, SystemExit, Late_) as error:
                answer = [False, type(error).__name__, str(error)[:200]]
                if isinstance(error, Late_):  # the more do not end, the less time is left for each
                    seconds = max(seconds / 2, {seconds} / 16)
            finally:
                signal_.setitimer(signal_.ITIMER_VIRTUAL, 0)
            answers.append(answer)
        return answers
    return each
for name_ in {names!r}:
    globals()[f"{prefix}each_{{name_}}"] = each_(name_)
    for number_ in range(len(texts_)):
        globals()[f"{prefix}{{number_}}_{{name_}}"] = called_(number_, name_)
"""


def with_copies(source: Source, home: str, texts: Sequence[str], call_seconds: float) -> Source:
    """Return a source with copies of its file `home`, of which these are the texts.

    They are beside that file, so that what they import is found. One call of one copy may take `call_seconds`.
    """
    names = [name for name, file in source.modules.items() if file == home]
    folder, slash, _ = home.rpartition("/")
    file = f"{folder}{slash}copies__.py"
    functions = [of_copy(number, name) for number in range(len(texts)) for name in names]
    functions += [of_each(name) for name in names]
    text = _MODULE.format(texts=list(texts), names=names, prefix=_PREFIX, seconds=call_seconds)
    return Source({**source.files, file: text}, {**source.modules, **dict.fromkeys(functions, file)})


def of_copy(number: int, function: str) -> str:
    """Return what the function of a copy is called."""
    return f"{_PREFIX}{number}_{function}"


def of_each(function: str) -> str:
    """Return what the function is called that calls those of all copies, and returns how each has answered."""
    return f"{_PREFIX}each_{function}"
