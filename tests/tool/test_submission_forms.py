"""One rule for every form: the same files are graded alike as files, as a folder, as an archive, or packed twice."""

from __future__ import annotations

import io
import tarfile
import unicodedata
import zipfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from grader.course.finding import find_course
from grader.submission import archive, limits
from grader.submission.copies import original, without_copy_mark
from grader.submission.model import Problem, Source, Submission
from grader.submission.module_paths import module_paths
from grader.submission.reading import read_submission, read_texts, stubs_in_place
from helpers.archives import zipped
from helpers.course_factory import make_course, write_files
from helpers.doubling import DOUBLE, GOOD, HALVE, OTHER, exercise_of
from helpers.notebooks import notebook
from helpers.patience import PLENTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.sandbox.outside.server import ForkServer

pytestmark = pytest.mark.light

Files = dict[str, str | bytes]

SUM = "def double(number):\n    return number + number\n"
STUB = 'def double(number):\n    """Twice."""\n    raise NotImplementedError\n'
BROKEN = GOOD + "x = = 1\n"


def as_folder(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root / "alice", files))


def as_folder_in_folder(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root / "alice", {f"hw3-main/{path}": text for path, text in files.items()}))


def as_archive(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root, {"alice": zipped(files)}).joinpath("alice").rename(root / "alice.zip"))


def as_archive_of_folder(root: Path, files: Files) -> Submission:
    packed = zipped({f"hw3-main/{path}": text for path, text in files.items()} | {"__MACOSX/hw3-main/._x.py": b"\0"})
    return read_submission(write_files(root, {"alice.ZIP": packed}) / "alice.ZIP")


def as_archive_in_folder(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root / "alice", {"work.zip": zipped(files), ".DS_Store": ""}))


def as_archive_in_archive(root: Path, files: Files) -> Submission:
    return read_submission(write_files(root, {"alice.zip": zipped({"a/work.zip": zipped(files)})}) / "alice.zip")


def as_texts(root: Path, files: Files) -> Submission:  # noqa: ARG001 - like the others
    return read_texts(
        "alice", [(path, text.encode() if isinstance(text, str) else text) for path, text in files.items()]
    )


FORMS = (
    as_folder, as_folder_in_folder, as_archive, as_archive_of_folder, as_archive_in_folder, as_archive_in_archive,
    as_texts,
)  # fmt: skip
in_every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__.removeprefix("as_"))


def graded(submission: Submission, exercise: Exercise = DOUBLE) -> str:
    """Return what messages call the file in which an exercise's function is graded, or why none is."""
    found = submission.source_of(exercise)
    if isinstance(found, Problem):
        return found.sentence
    module = found.modules[exercise.name]
    return found.places[module][0].file.partition(", cell")[0] if module in found.places else module


def source(submission: Submission, exercise: Exercise = DOUBLE) -> Source:
    found = submission.source_of(exercise)
    assert isinstance(found, Source), found
    return found


# One function in several files


class Homes(NamedTuple):
    """Files, and which of them an exercise is graded with, or why it is not."""

    files: Files
    double: str
    halve: str = ""


HOMES = {
    "a file named like the exercise wins": Homes({"double.py": GOOD, "halve.py": OTHER + SUM}, "double.py", "halve.py"),
    "it wins in a folder": Homes({"week1/double.py": GOOD, "all.py": SUM}, "week1/double.py"),
    "it wins as a notebook": Homes({"double.ipynb": notebook(GOOD), "halve.py": OTHER + SUM}, "double.ipynb"),
    "it wins over a notebook": Homes({"double.py": GOOD, "lesson.ipynb": notebook(SUM)}, "double.py"),
    "it wins though another one is broken": Homes({"double.py": GOOD, "halve.py": BROKEN}, "double.py"),
    "it wins with an ending in capitals": Homes({"double.PY": GOOD, "halve.py": OTHER + SUM}, "double.PY"),
    "it wins with an added ending": Homes({"double.py.txt": GOOD, "halve.py": OTHER + SUM}, "double.py.txt"),
    "it wins as a copy": Homes({"double-1.py": GOOD, "halve-1.py": OTHER + SUM}, "double-1.py", "halve-1.py"),
    "it wins as a second version": Homes({"double_v2.py": GOOD, "all.py": SUM}, "double_v2.py"),
    "an old one gives way": Homes({"double.py": GOOD, "double_old.py": SUM}, "double.py"),
    "one in a folder for old ones gives way": Homes({"src/double.py": GOOD, "old/double.py": SUM}, "src/double.py"),
    "a backup gives way": Homes({"work.py": GOOD, "Backup/deep/work.py": SUM}, "work.py"),
    "an old one counts where it is all there is": Homes({"old/double.py": GOOD, "halve.py": OTHER}, "old/double.py"),
    "a folder whose name only begins so": Homes(
        {"older_students/work.py": GOOD, "x/work.py": SUM},
        "`double` is defined in older_students/work.py and in x/work.py: keep one.",
    ),
    "a helper alone counts": Homes({"halve.py": OTHER + GOOD}, "halve.py", "halve.py"),
    "an untouched stub gives way to a notebook": Homes({"double.py": STUB, "all.ipynb": notebook(GOOD)}, "all.ipynb"),
    "an untouched stub gives way to a file": Homes({"double.py": STUB, "all.py": GOOD}, "all.py"),
    "an untouched stub is not replaced by a helper": Homes({"double.py": STUB, "halve.py": OTHER + GOOD}, "double.py"),
    "a copy of a notebook": Homes({"hw1.ipynb": notebook(GOOD), "hw1-Copy1.ipynb": notebook(GOOD)}, "hw1.ipynb"),
    "a notebook with other text": Homes({"b.ipynb": notebook(GOOD), "a.ipynb": notebook("", GOOD)}, "a.ipynb"),
    "a copy by a browser": Homes({"work (1).py": GOOD, "work.py": GOOD}, "work.py"),
    "a copy by Windows": Homes({"work - Copy (2).py": GOOD, "work.py": GOOD}, "work.py"),
    "a copy of the exercise's file": Homes({"double copy.py": GOOD, "double.py": GOOD}, "double.py"),
    "a copy with other line ends": Homes({"work.py": GOOD.replace("\n", "\r\n"), "work (1).py": GOOD}, "work.py"),
    "a copy with blanks at the end": Homes({"work.py": GOOD, "x.py": GOOD.replace("\n", " \n") + "\n"}, "work.py"),
    "three copies": Homes({"c.py": GOOD, "b.py": GOOD, "deep/a.py": GOOD}, "b.py"),
    "a copy with an added ending": Homes({"double.py": GOOD, "double.py.txt": GOOD}, "double.py"),
    "a script exported from a notebook": Homes(
        {"hw.ipynb": notebook("import math", GOOD), "hw.py": f"# In[1]:\n\nimport math\n\n# In[2]:\n\n{GOOD}"}, "hw.py"
    ),
    "a script that was changed": Homes(
        {"hw.ipynb": notebook(GOOD), "hw.py": SUM}, "`double` is defined in hw.ipynb and in hw.py: keep one."
    ),
    "a script that defines it again": Homes(
        {"hw.ipynb": notebook(GOOD), "hw.py": GOOD + SUM}, "`double` is defined in hw.ipynb and in hw.py: keep one."
    ),
    "a copy that differs": Homes(
        {"work.py": GOOD, "work (1).py": SUM}, "`double` is defined in work (1).py and in work.py: keep one."
    ),
    "a copy of the exercise's file that differs": Homes(
        {"double.py": GOOD, "double (1).py": SUM}, "`double` is defined in double (1).py and in double.py: keep one."
    ),
    "a second version that differs": Homes(
        {"double.py": GOOD, "double_v2.py": SUM}, "`double` is defined in double.py and in double_v2.py: keep one."
    ),
    "an added ending that differs": Homes(
        {"double.py": GOOD, "double.py.txt": SUM}, "`double` is defined in double.py and in double.py.txt: keep one."
    ),
    "two notebooks that differ": Homes(
        {"a.ipynb": notebook(GOOD), "b.ipynb": notebook(SUM)}, "`double` is defined in a.ipynb and in b.ipynb: keep one."
    ),
    "a broken copy": Homes(
        {"double.py": GOOD, "double (1).py": BROKEN},
        "double (1).py has a syntax error on line 3 (invalid syntax): correct it.\n    x = = 1\n        ^",
    ),
    "copies beside helpers that differ": Homes(
        {
            "one/work.py": "from helper import x\n" + GOOD, "one/helper.py": "x = 1",
            "two/work.py": "from helper import x\n" + GOOD, "two/helper.py": "x = 2",
        },
        "`double` is defined in one/work.py and in two/work.py: keep one.",
    ),
    "copies with their helpers": Homes(
        {
            "old/work.py": "from helper import x\n" + GOOD, "old/helper.py": "x = 1",
            "new/work.py": "from helper import x\n" + GOOD, "new/helper.py": "x = 1",
        },
        "new/work.py",
    ),
    "an archive of the same": Homes({"work.py": GOOD, "hw.zip": zipped({"hw/work.py": GOOD})}, "work.py"),
    "an archive of something else": Homes(
        {"work.py": GOOD, "hw.zip": zipped({"hw/work.py": SUM})},
        "`double` is defined in hw.zip/hw/work.py and in work.py: keep one.",
    ),
    "the lesson's file of two of one name": Homes({"numbers/double.py": GOOD, "b/double.py": SUM}, "numbers/double.py"),
}  # fmt: skip


@pytest.fixture(scope="session")
def exercises(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Exercise]:
    """Return two exercises of one lesson that know of each other."""
    course = find_course(make_course(tmp_path_factory.mktemp("homes"), ["numbers/double", "numbers/halve"]))
    return {exercise.name: exercise for exercise in course.exercises}


@in_every_form
@pytest.mark.parametrize("case", HOMES.values(), ids=HOMES)
def test_one_file_is_chosen_or_all_are_named(
    tmp_path: Path, form: Callable[[Path, Files], Submission], case: Homes, exercises: Mapping[str, Exercise]
) -> None:
    submission = form(tmp_path, case.files)
    assert graded(submission, exercises["double"]) == case.double
    if case.halve:
        assert graded(submission, exercises["halve"]) == case.halve


def test_stubs_are_graded_alike_in_place_and_handed_in(tmp_path: Path) -> None:
    helper = "def merge_lora(number):\n    return 0\n"
    own = {
        "exercises/lora/merge_lora.py": GOOD.replace("double", "merge_lora"),
        "exercises/lora/compose_loras.py": helper + GOOD.replace("double", "compose_loras"),
    }
    course = find_course(make_course(tmp_path / "course", ["lora/merge_lora", "lora/compose_loras"], changes=own))
    files: Files = {path.removeprefix("exercises/"): text for path, text in own.items()}
    for exercise in course.exercises:
        for number, submission in enumerate(
            [stubs_in_place(course), *(form(tmp_path / f.__name__, files) for f in FORMS for form in [f])]
        ):
            called = f"lora/{exercise.name}.py" if number == 0 else f"{exercise.name}.py"
            assert graded(submission, exercise) == called


def test_a_function_with_a_file_of_its_own_is_graded_in_it(tmp_path: Path) -> None:
    both = exercise_of("double", "halve")
    found = source(as_folder(tmp_path, {"halve.py": OTHER, "a.py": GOOD + OTHER + "x = 1\n"}), both)
    assert found.modules == {"double": "a.py", "halve": "halve.py"}


@pytest.mark.parametrize(
    ("stem", "plain"),
    [
        ("work", "work"), ("work (1)", "work"), ("work(12)", "work"), ("work_(1)", "work"), ("work-1", "work"),
        ("work-Copy1", "work"), ("work - Copy", "work"), ("work - Copy (2)", "work"), ("work - Kopie", "work"),
        ("work copy", "work"), ("work copy 2", "work"), ("work 2", "work"), ("work (copy)", "work"),
        ("work (3rd copy)", "work"), ("Copy of work", "work"), ("Kopie von work", "work"), ("work-Copy1 (1)", "work"),
        ("work-3f0c1b9a-7f0e-4a57-9d55-0c6a2f2b7e10", "work"), ("ddim_2", "ddim_2"), ("copy", "copy"), ("(1)", "(1)"),
        ("step2", "step2"), ("work_v2", "work_v2"), ("copy of", "copy of"),
    ],
)  # fmt: skip
def test_the_mark_of_a_copy_is_taken_off(stem: str, plain: str) -> None:
    assert without_copy_mark(stem) == plain


@pytest.mark.parametrize(
    ("stem", "plain"),
    [("work_v2", "work"), ("work-final", "work"), ("work_final2 (1)", "work"), ("work_old", "work_old"), ("v2", "v2")],
)
def test_a_version_is_taken_off(stem: str, plain: str) -> None:
    assert original(stem) == plain


# What a file is called


class Named(NamedTuple):
    """A file, and what messages call it."""

    name: str
    content: str | bytes
    shown: str = ""


NAMED = {
    "an ending in capitals": Named("double.PY", GOOD),
    "a name in capitals": Named("DOUBLE.Py", GOOD),
    "a notebook's ending in capitals": Named("Double.IPYNB", notebook(GOOD)),
    "a browser's .txt": Named("double.py.txt", GOOD),
    "Windows' .TXT": Named("double.py.TXT", GOOD),
    "wget's .1": Named("double.py.1", GOOD),
    "a number behind the ending": Named("double.py (1)", GOOD),
    "a notebook with .txt": Named("double.ipynb.txt", notebook(GOOD)),
    "a notebook with .json": Named("double.ipynb.json", notebook(GOOD)),
    "a notebook with .json in capitals and .txt": Named("double.IPYNB.JSON.txt", notebook(GOOD)),
    "a version with a dot": Named("steps.v2.py", GOOD),
    "a date with dots": Named("2026.11.20 double.py", GOOD),
    "a notebook's version with a dot": Named("steps.v2.ipynb", notebook(GOOD)),
    "a blank": Named("my work.py", GOOD),
    "a copy": Named("work (1).py", GOOD),
    "a name of digits": Named("1.py", GOOD),
    "a hyphen": Named("hw-1.py", GOOD),
    "a notebook in a .py": Named("work.py", notebook(GOOD)),
    "a notebook with a mark in a .py": Named("work.py", b"\xef\xbb\xbf\n" + notebook(GOOD).encode()),
    "a notebook with large outputs in a .py": Named(
        "work.py", notebook({"cell_type": "code", "source": GOOD, "outputs": ["".join(map(str, range(250_000)))]})
    ),
    "a script in an .ipynb": Named("work.ipynb", GOOD),
    "a script with magics' neighbours in an .ipynb": Named("work.ipynb", '"""Mine."""\nimport math\n' + GOOD),
    "a no-break space": Named("my\u00a0work.py", GOOD, r"my\xa0work.py"),
    "a narrow no-break space": Named("Shot 10.15\u202fPM.py", GOOD, r"Shot 10.15\u202fPM.py"),
    "a zero-width joiner": Named("\U0001f469\u200d\U0001f4bb.py", GOOD, "\U0001f469\\u200d\U0001f4bb.py"),
    "a zero-width space": Named("wo\u200brk.py", GOOD, r"wo\u200brk.py"),
    "a mark from right to left": Named("\u202eyp.krow.py", GOOD, r"\u202eyp.krow.py"),
    "Arabic": Named("\u0648\u0627\u062c\u0628.py", GOOD),
    "an emoji": Named("\U0001f600.py", GOOD),
    "accents as macOS writes them": Named(
        unicodedata.normalize("NFD", "größe_é.py"), GOOD, unicodedata.normalize("NFC", "größe_é.py")
    ),
    "colours of a terminal": Named("a\x1b[31m.py", GOOD, r"a\x1b[31m.py"),
    "a line end": Named("a\nb.py", GOOD, r"a\nb.py"),
    "a notebook with a no-break space": Named("my\u00a0work.ipynb", notebook(GOOD), r"my\xa0work.ipynb"),
    "a folder with a mark from right to left": Named("\u202ea/work.py", GOOD, "work.py"),
    "a folder with a dot": Named("hw3.final/work.py", GOOD, "work.py"),
}


@in_every_form
@pytest.mark.parametrize("case", NAMED.values(), ids=NAMED)
def test_a_file_of_any_name_is_read(tmp_path: Path, form: Callable[[Path, Files], Submission], case: Named) -> None:
    submission = form(tmp_path, {case.name: case.content})
    assert graded(submission) == (case.shown or case.name)
    assert all(
        f"{module}{place.file}".isprintable() for module, at in source(submission).places.items() for place in at
    )
    module = source(submission).modules["double"]
    assert module.isprintable()
    assert module.endswith(".py")


@pytest.mark.parametrize("case", NAMED.values(), ids=NAMED)
def test_a_file_of_any_name_is_read_alone(tmp_path: Path, case: Named) -> None:
    name = case.name.rpartition("/")[2]
    submission = read_submission(write_files(tmp_path, {name: case.content}) / name)
    assert graded(submission) == (case.shown or case.name)


@in_every_form
def test_a_syntax_error_names_the_file_escaped(tmp_path: Path, form: Callable[[Path, Files], Submission]) -> None:
    said = graded(form(tmp_path, {"\u202edouble\u00a0.py": BROKEN}))
    assert said.startswith(r"\u202edouble\xa0.py has a syntax error on line 3")


def test_names_that_look_alike_are_one_if_their_files_are(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "größe.py") for form in ("NFC", "NFD"))
    assert graded(as_folder(tmp_path / "a", {composed: GOOD, decomposed: GOOD})) == composed
    said = graded(as_folder(tmp_path / "b", {composed: GOOD, decomposed: SUM}))
    assert f"Not read: {composed} is there twice, and the two differ: keep one." in said


@pytest.mark.parametrize(
    ("paths", "modules"),
    [
        (["work.py", "deep/work.py"], ["work.py", "deep/work.py"]),
        (["steps.v2.py", "hw.final/a.py"], ["steps_v2.py", "hw_final/a.py"]),
        (["helper.PY", "other.py.txt"], ["helper.py", "other.py"]),
        (["box_mask-1.py", "work (1).py"], ["box_mask.py", "work.py"]),
        (["work.py", "work (1).py"], ["work.py", "work_2.py"]),
        (["work (1).py", "work (2).py"], ["work.py", "work_2.py"]),
        (["a b.py", "a_b.py/c.py"], ["a b.py", "a_b_py/c.py"]),
        (["helper_v2.py", "hw-1.py", "1-2.py"], ["helper_v2.py", "hw.py", "1-2.py"]),
    ],
)
def test_other_files_can_import_what_was_renamed(paths: list[str], modules: list[str]) -> None:
    assert list(module_paths(paths).values()) == modules


# Where the files lie


class Layout(NamedTuple):
    """Files, and the modules that become of them."""

    files: Files
    modules: set[str]


FROM_SRC = "from src.helpers import x\n"
LAYOUTS = {
    "no folder": Layout({"work.py": GOOD}, {"work.py"}),
    "one folder": Layout({"hw3/work.py": GOOD, "hw3/b.py": OTHER}, {"work.py", "b.py"}),
    "two folders": Layout({"hw3/src/work.py": GOOD, "hw3/src/b.py": OTHER}, {"work.py", "b.py"}),
    "a folder of a platform": Layout({"hw3-main/work.py": GOOD}, {"work.py"}),
    "a folder that is imported": Layout(
        {"hw3-main/src/work.py": FROM_SRC + GOOD, "hw3-main/src/helpers.py": "x = 1"}, {"src/work.py", "src/helpers.py"}
    ),
    "a folder that is imported from above": Layout(
        {"hw3-main/work.py": FROM_SRC + GOOD, "hw3-main/src/helpers.py": "x = 1"}, {"work.py", "src/helpers.py"}
    ),
    "a folder that a notebook imports": Layout(
        {"src/work.ipynb": notebook(FROM_SRC + GOOD), "src/helpers.py": "x = 1"},
        {"src/work.ipynb.py", "src/helpers.py"},
    ),
    "a folder that the second line of a cell imports": Layout(
        {"src/work.ipynb": notebook("import math\n" + FROM_SRC + GOOD), "src/helpers.py": "x = 1"},
        {"src/work.ipynb.py", "src/helpers.py"},
    ),
    "a folder that is imported by `import`": Layout(
        {"a/src/work.py": "import src.helpers\n" + GOOD, "a/src/helpers.py": ""}, {"src/work.py", "src/helpers.py"}
    ),
    "a notebook in a folder beside another": Layout(
        {"hw/notebooks/a.ipynb": notebook(GOOD), "hw/src/b.py": OTHER}, {"notebooks/a.ipynb.py", "src/b.py"}
    ),
    "text outside": Layout({"hw/work.py": GOOD, "README.md": "x", "data/x.csv": "1"}, {"work.py"}),
    "litter of macOS": Layout(
        {"hw/work.py": GOOD, "__MACOSX/hw/._work.py": b"\0", "hw/._work.py": b"\0", "hw/.DS_Store": b"\0"}, {"work.py"}
    ),
    "checkpoints": Layout({"hw/work.py": GOOD, "hw/.ipynb_checkpoints/work-checkpoint.py": SUM}, {"work.py"}),
    "checkpoints of a notebook": Layout(
        {"a.ipynb": notebook(GOOD), ".ipynb_checkpoints/a-checkpoint.ipynb": notebook(SUM)}, {"a.ipynb.py"}
    ),
    "caches": Layout({"hw/work.py": GOOD, "hw/__pycache__/work.py": SUM, ".git/x.py": SUM}, {"work.py"}),
    "installed packages": Layout({"work.py": GOOD, "env/lib/site-packages/x.py": SUM}, {"work.py"}),
    "folders with dots": Layout({"a.b/work.py": GOOD, "c.d/b.py": OTHER}, {"a_b/work.py", "c_d/b.py"}),
    "an archive of helpers": Layout(
        {"work.py": GOOD, "src.zip": zipped({"helpers.py": OTHER})}, {"work.py", "src/helpers.py"}
    ),
    "two archives": Layout(
        {"a.zip": zipped({"work.py": GOOD}), "b.ZIP": zipped({"x/b.py": OTHER})}, {"a/work.py", "b/x/b.py"}
    ),
}


@in_every_form
@pytest.mark.parametrize("case", LAYOUTS.values(), ids=LAYOUTS)
def test_outer_folders_go_in_every_form(
    tmp_path: Path, form: Callable[[Path, Files], Submission], case: Layout
) -> None:
    submission = form(tmp_path, case.files)
    assert set(source(submission).files) == case.modules
    assert submission.sha256 == as_texts(tmp_path, case.files).sha256


# What is not source code


class Kind(NamedTuple):
    """A file of another kind, and what it is called."""

    name: str
    content: bytes
    kind: str


def tarred(files: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as made:  # type: ignore[call-overload]
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


KINDS = {
    "RAR": Kind("work.rar", b"Rar!\x1a\x07\x01\x00" + b"\0" * 20, "a RAR archive"),
    "RAR called .zip": Kind("work.zip", b"Rar!\x1a\x07\x00" + b"\0" * 20, "a RAR archive"),
    "RAR in capitals": Kind("WORK.RAR", b"Rar!\x1a\x07\x00" + b"\0" * 20, "a RAR archive"),
    "7z": Kind("work.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 20, "a 7z archive"),
    "tar.gz": Kind("work.tar.gz", tarred({"work.py": GOOD.encode()}), "a gzip archive"),
    "tgz": Kind("work.tgz", tarred({"work.py": GOOD.encode()}), "a gzip archive"),
    "tar": Kind("work.tar", tarred({"work.py": GOOD.encode()}, "w:"), "a tar archive"),
    "tar.xz": Kind("work.tar.xz", tarred({"work.py": GOOD.encode()}, "w:xz"), "an xz archive"),
    "tar.bz2": Kind("work.tar.bz2", tarred({"work.py": GOOD.encode()}, "w:bz2"), "a bzip2 archive"),
    "PDF": Kind("work.pdf", b"%PDF-1.7\n%\xe2\xe3\n", "a PDF document"),
    "Word": Kind("work.docx", zipped({"word/document.xml": "<x/>"}), "a Word document"),
    "old Word": Kind("work.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 9, "an Office document"),
    "RTF": Kind("work.rtf", b"{\\rtf1\\ansi def double(number): ...}", "an RTF document"),
    "web page": Kind("work.html", b"<!DOCTYPE html><html></html>", "a web page"),
    "picture": Kind("work.png", b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
    "shortcut": Kind("work.py.lnk", b"L\0\0\0\x01\x14\x02\0", "a shortcut to a file"),
    "text": Kind("work.txt", GOOD.encode(), "a text file"),
    "text without an ending": Kind("work", "größe".encode(), "a text file"),
    "notebook by another name": Kind("work.json", notebook(GOOD).encode(), "a notebook under another name"),
    "archive by another name": Kind("work.data", zipped({"work.py": GOOD}), "a zip archive under another name"),
    "compiled": Kind("work.pyc", b"\xcb\r\r\n\0\0\0\0", "compiled Python"),
    "unfinished": Kind("work.zip.crdownload", b"PK\x03", "an unfinished download"),
    "empty": Kind("work.doc", b"", "an empty file"),
    "a name from right to left": Kind("\u202efdp.py.pdf", b"%PDF-1.7", "a PDF document"),
    "anything else": Kind("work.bin", b"\0\x01\x02\xff", "a file of another kind"),
}


@in_every_form
@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS)
def test_what_is_not_source_is_named(tmp_path: Path, form: Callable[[Path, Files], Submission], case: Kind) -> None:
    submission = form(tmp_path, {case.name: case.content})
    called = case.name.replace("\u202e", r"\u202e")
    remedy = "hand in the .py file or the notebook itself, or a zip archive of your files."
    assert graded(submission) == (
        f"{submission.name} contains no .py file or notebook, only `{called}`, {case.kind}: {remedy}"
    )
    assert graded(submission, HALVE) == graded(submission)


INSIDE = {
    "PDF": Kind("double.py", b"%PDF-1.7\n", "a PDF document"),
    "RAR": Kind("double.py", b"Rar!\x1a\x07\x00", "a RAR archive"),
    "Word": Kind("double.py", zipped({"word/document.xml": "<x/>"}), "a zip archive"),
    "web page": Kind("double.py", b"\n<!DOCTYPE html>\n<html>", "a web page"),
    "web page for a notebook": Kind("double.ipynb", b"<html lang='en'>", "a web page"),
    "RTF": Kind("double.py", b"{\\rtf1\\ansi def double(number): ...}", "an RTF document"),
    "gzip": Kind("double.ipynb", tarred({"work.py": GOOD.encode()}), "a gzip archive"),
}


@in_every_form
@pytest.mark.parametrize("case", INSIDE.values(), ids=INSIDE)
def test_what_is_only_called_source_is_named(
    tmp_path: Path, form: Callable[[Path, Files], Submission], case: Kind
) -> None:
    submission = form(tmp_path, {case.name: case.content, "halve.py": OTHER})
    remedy = "hand in the code itself."
    assert graded(submission) == f"{case.name} is really {case.kind}, not Python or a notebook: {remedy}"
    assert graded(submission, HALVE) == "halve.py"


def test_many_files_of_other_kinds_are_counted(tmp_path: Path) -> None:
    submission = as_folder(tmp_path, {f"{number}.pdf": b"%PDF-1.7" for number in range(5)})
    assert (
        "only `0.pdf`, a PDF document, `1.pdf`, a PDF document, `2.pdf`, a PDF document and 2 more files of other kinds: "
        in graded(submission)
    )


def test_what_is_not_source_beside_files_is_named_where_something_is_missing(tmp_path: Path) -> None:
    submission = as_folder(tmp_path, {"halve.py": OTHER, "work.rar": b"Rar!\x1a\x07\x00"})
    assert graded(submission, HALVE) == "halve.py"
    assert graded(submission) == (
        "`double` was not found in alice (read: halve.py): define `def double(number)`.\n"
        "Not read: work.rar is a RAR archive, which is not opened: hand in the files themselves or a zip archive."
    )


# Archives in archives


def nested(content: bytes, depth: int) -> bytes:
    """Return an archive in as many others."""
    for _ in range(depth):
        content = zipped({"inner.zip": content})
    return content


@pytest.mark.parametrize("depth", range(archive.MAX_DEPTH))
def test_archives_are_opened_in_archives(tmp_path: Path, depth: int) -> None:
    data = nested(zipped({"double.py": GOOD}), depth)
    assert graded(read_submission(write_files(tmp_path, {"a.zip": data}) / "a.zip")) == "double.py"


def test_archives_are_opened_to_a_depth(tmp_path: Path) -> None:
    data = nested(zipped({"double.py": GOOD}), archive.MAX_DEPTH)
    said = graded(read_submission(write_files(tmp_path, {"a.zip": data}) / "a.zip"))
    assert "only `inner.zip`, a zip archive that is nested more than 3 archives deep: " in said


BAD_ARCHIVES = {
    "damaged": (zipped({"double.py": SUM})[:-30], "is not a zip archive, or is damaged: zip your files again."),
    "a text": (b"hello", "is not a zip archive, or is damaged: zip your files again."),
    "leading out": (
        zipped({"../double.py": SUM}),
        "contains ../double.py, a path that points outside the archive: zip your files again.",
    ),
    "RAR": (
        b"Rar!\x1a\x07\x00",
        "is a RAR archive, which is not opened: hand in the files themselves or a zip archive.",
    ),
}


@pytest.mark.parametrize(("data", "said"), BAD_ARCHIVES.values(), ids=BAD_ARCHIVES)
def test_an_archive_that_cannot_be_opened_spoils_nothing_beside_it(tmp_path: Path, data: bytes, said: str) -> None:
    for form in FORMS[:4]:
        submission = form(tmp_path / form.__name__, {"double.py": GOOD, "double.zip": data})
        assert graded(submission) == "double.py"
        assert graded(submission, HALVE).endswith(f"Not read: double.zip {said}")


LIMITS = {
    "members": (archive, "MAX_MEMBERS", 1, "work.zip and the other archives contain more than 1 files"),
    "bytes of an archive": (limits, "MAX_ARCHIVE_BYTES", 200, "work.zip is larger than 0 MB"),
    "files": (limits, "MAX_FILES", 2, "the archives beside other files, since alice contains more than 2 .py files"),
    "code": (limits, "MAX_TOTAL_BYTES", 90, "the archives beside other files, since alice contains more than 0 MB"),
    "bytes": (limits, "MAX_READ_BYTES", 300, "work.zip is too much, with the others: hand in source code only."),
}


@pytest.mark.parametrize(("module", "name", "value", "said"), LIMITS.values(), ids=LIMITS)
def test_an_archive_that_is_too_much_spoils_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str, value: int, said: str
) -> None:
    files = {"double.py": GOOD, "a.zip": zipped({"x.py": "x = 1"}), "work.zip": zipped({"b.py": OTHER, "c.py": OTHER})}
    assert graded(as_folder(tmp_path, dict(files)), HALVE) == "work.zip/b.py"
    monkeypatch.setattr(module, name, value)
    submission = as_folder(tmp_path, dict(files))
    assert graded(submission) == "double.py"
    assert f"Not read: {said}" in graded(submission, HALVE)


def test_bombs_in_archives_are_unpacked_no_further_than_all_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked: list[int] = []
    read = zipfile.ZipExtFile.read

    def counted(stream: zipfile.ZipExtFile, most: int = -1) -> bytes:
        data = read(stream, most)
        unpacked.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    monkeypatch.setattr(limits, "MAX_READ_BYTES", 8_000_000)
    bomb = zipped({"bomb.zip": b"\0" * 40_000_000})
    many = zipped({f"{number}.zip": bomb for number in range(40)})
    assert graded(read_submission(write_files(tmp_path, {"a.zip": many}) / "a.zip")).startswith("a.zip contains no .py")
    assert sum(unpacked) < 20_000_000


# What a worker can import

USES_HELPER = "{imports}\n\ndef double(number):\n    return twice(number)\n"
HELPER = "def twice(number):\n    return 2 * number\n"


def using(imports: str) -> str:
    return USES_HELPER.format(imports=imports)


IMPORTS: dict[str, Files] = {
    "from beside it": {"work.py": using("from helper import twice"), "helper.py": HELPER},
    "relative": {"a/work.py": using("from .helper import twice"), "a/helper.py": HELPER, "b.py": ""},
    "relative, name with dots": {"steps.v2.py": using("from .helper import twice"), "helper.py": HELPER},
    "relative, folder with dots": {"a.b/work.py": using("from .helper import twice"), "a.b/helper.py": HELPER, "c.py": ""},
    "relative, package above": {"a/b/work.py": using("from ..helper import twice"), "a/helper.py": HELPER, "c.py": ""},
    "by the folder's name": {"src/work.py": using("from src.helper import twice"), "src/helper.py": HELPER},
    "by the folder's name, below others": {
        "hw3-main/src/work.py": using("from src.helper import twice"), "hw3-main/src/helper.py": HELPER
    },
    "from the root, below others": {
        "x/hw3-main/a/work.py": using("from src.helper import twice"), "x/hw3-main/src/helper.py": HELPER, "y/z.py": ""
    },
    "by a notebook from the root": {
        "hw/notebooks/a.ipynb": notebook(using("from src.helper import twice")), "hw/src/helper.py": HELPER, "b/c.py": ""
    },
    "a helper handed in again": {"work-1.py": using("from helper import twice"), "helper-1.py": HELPER},
    "a helper that a browser renamed": {"work (1).py": using("from helper import twice"), "helper (2).py": HELPER},
    "a helper with an ending in capitals": {"work.PY": using("from helper import twice"), "helper.PY": HELPER},
    "a helper with an added ending": {"work.py.txt": using("from helper import twice"), "helper.py.txt": HELPER},
    "a helper as macOS writes it": {
        "work.py": using("from größe import twice"), unicodedata.normalize("NFD", "größe.py"): HELPER
    },
    "a name with a no-break space": {"my\u00a0work.py": using("from helper import twice"), "helper.py": HELPER},
    "a name from right to left": {"\u202ework.py": using("from .helper import twice"), "helper.py": HELPER},
    "a folder that cannot be printed": {
        "\u202ea\u00a0b/work.py": using("from .helper import twice"), "\u202ea\u00a0b/helper.py": HELPER, "c.py": ""
    },
    "a helper in an archive": {"work.py": using("from src.helper import twice"), "src.zip": zipped({"helper.py": HELPER})},
}  # fmt: skip


@pytest.fixture
def call(server: ForkServer) -> Iterator[Callable[[Submission], object]]:
    """Call `double` of a submission with 21, in a worker."""
    from grader.sandbox.outside.remote import RemoteSubmission
    from grader.sandbox.outside.session import Session

    opened = []

    def call_double(submission: Submission) -> object:
        found = source(submission)
        session = Session(server, found.files, found.modules, call_seconds=PLENTY, places=found.places)
        opened.append(session)
        return RemoteSubmission(session, DOUBLE.functions).double(21)

    yield call_double
    for session in opened:
        session.close()


@pytest.mark.torch
@pytest.mark.parametrize("form", [as_folder, as_archive_of_folder, as_archive_in_archive])
@pytest.mark.parametrize("files", IMPORTS.values(), ids=IMPORTS)
def test_what_is_handed_in_can_be_imported(
    tmp_path: Path, form: Callable[[Path, Files], Submission], files: Files, call: Callable[[Submission], object]
) -> None:
    assert call(form(tmp_path, files)) == 42


@pytest.mark.torch
@pytest.mark.parametrize("name", ["double.PY", "steps.v2.py", "\u202edouble.py", "double.py.txt", "a.b/work.py"])
def test_a_line_is_named_by_the_file_that_was_handed_in(
    tmp_path: Path, name: str, call: Callable[[Submission], object]
) -> None:
    from grader.sandbox.outside.failures import SubmissionError

    with pytest.raises(SubmissionError) as caught:
        call(as_folder(tmp_path, {name: "\ndef double(number):\n    return 1 / 0\n", "c.py": ""}))
    [frame] = caught.value.lines
    assert (frame.file, frame.line) == (name.replace("\u202e", r"\u202e"), 3)
