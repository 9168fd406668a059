"""Zip archives as submissions, also inside of others: read in memory, to a limit, whatever is in them."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission import archive, limits
from grader.submission.model import Problem, Source, Submission
from grader.submission.reading import read_submission
from helpers.archives import zipped
from helpers.course_factory import write_files
from helpers.doubling import DOUBLE, GOOD, HALVE, OTHER, problem
from helpers.forms import FORMS, SUM, as_folder, graded
from helpers.notebooks import notebook

pytestmark = pytest.mark.light

Members = dict[str, str | bytes] | list[tuple[str | zipfile.ZipInfo, str | bytes]]


def packed(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members.items() if isinstance(members, dict) else members:
            made.writestr(name, content)
    return buffer.getvalue()


def read(folder: Path, members: Members | bytes) -> Submission:
    path = folder / "alice.zip"
    path.write_bytes(members if isinstance(members, bytes) else packed(members))
    return read_submission(path)


def source(folder: Path, members: Members | bytes) -> Source:
    found = read(folder, members).source_of(DOUBLE)
    assert isinstance(found, Source), found
    return found


def linked(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def test_an_archive_is_read_like_the_folder_that_was_packed(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {"a.py": GOOD, "deep/b.py": OTHER}
    submission = read(tmp_path, {"a.py": GOOD, "deep/b.py": OTHER, "notes.txt": "x"})
    folder = read_submission(write_files(tmp_path / "alice", files))
    assert submission.name == "alice.zip"
    assert submission.source_of(DOUBLE) == folder.source_of(DOUBLE)
    assert submission.sha256 == folder.sha256


def test_nothing_is_unpacked_onto_the_disk(tmp_path: Path) -> None:
    source(tmp_path, {"a.py": GOOD})
    assert [path.name for path in tmp_path.iterdir()] == ["alice.zip"]


def test_a_folder_that_everything_lies_in_is_the_submission(tmp_path: Path) -> None:
    inside = source(tmp_path, {"alice/a.py": GOOD, "alice/deep/b.py": OTHER, "__MACOSX/alice/._a.py": b"\0"})
    assert set(inside.files) == {"a.py", "deep/b.py"}


def test_a_folder_that_a_file_imports_from_stays(tmp_path: Path) -> None:
    inside = source(tmp_path, {"helpers/a.py": "from helpers.b import x\n" + GOOD, "helpers/b.py": "x = 1"})
    assert set(inside.files) == {"helpers/a.py", "helpers/b.py"}


@pytest.mark.parametrize(
    "path", ["__MACOSX/._x.py", ".git/x.py", "a/__pycache__/x.py", "env/lib/x.py", "a/.ipynb_checkpoints/x.py"]
)
def test_what_is_nobodys_own_source_is_passed_over(tmp_path: Path, path: str) -> None:
    assert list(source(tmp_path, {"mine.py": GOOD, path: GOOD, "env/pyvenv.cfg": ""}).files) == ["mine.py"]


def test_paths_of_old_windows_programs_are_paths(tmp_path: Path) -> None:
    assert set(source(tmp_path, {"a.py": GOOD, r"deep\b.py": OTHER}).files) == {"a.py", "deep/b.py"}


def test_a_name_in_utf8_without_its_flag_is_read(tmp_path: Path) -> None:
    data = packed({"gr____er.py": GOOD}).replace(b"gr____er.py", "größer.py".encode())
    assert list(source(tmp_path, data).files) == ["größer.py"]


@pytest.mark.parametrize(
    "name", ["../double.py", "a/../../double.py", "/etc/double.py", r"C:\double.py", r"..\double.py"]
)
def test_a_path_that_leads_out_is_refused_for_every_exercise(tmp_path: Path, name: str) -> None:
    submission = read(tmp_path, {"a.py": OTHER, name: GOOD})
    assert "a path that points outside the archive: zip your files again." in problem(submission)
    assert problem(submission, HALVE) == problem(submission)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    submission = read(tmp_path, [("b.py", OTHER), (linked("double.py"), "/etc/passwd")])
    assert problem(submission) == "double.py is a symbolic link, which is not followed: hand in the file itself."
    assert isinstance(submission.source_of(HALVE), Source)


def test_an_encrypted_file_is_told(tmp_path: Path) -> None:
    data = bytearray(packed({"double.py": GOOD}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    assert problem(read(tmp_path, bytes(data))) == "double.py is encrypted: zip it without a password."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_method_that_cannot_be_unpacked_to_a_limit_is_told(tmp_path: Path, method: int) -> None:
    data = packed({"double.py": GOOD}, method)
    assert problem(read(tmp_path, data)).startswith("double.py is compressed with a method that is not supported")


def test_the_same_name_twice_is_not_guessed(tmp_path: Path) -> None:
    submission = read(tmp_path, [("double.py", GOOD), ("./double.py", OTHER), ("b.py", OTHER)])
    assert problem(submission) == "double.py is there twice, and the two differ: keep one."
    assert isinstance(submission.source_of(HALVE), Source)


def test_a_file_that_is_a_folder_too_is_told(tmp_path: Path) -> None:
    submission = read(tmp_path, {"double.py": GOOD, "double.py/b.py": OTHER})
    assert problem(submission) == "double.py is both a file and a folder: rename one."
    assert isinstance(submission.source_of(HALVE), Source)


def test_a_name_too_long_for_a_disk_is_told(tmp_path: Path) -> None:
    submission = read(tmp_path, {f"{'a' * 300}/double.py": GOOD, "b.py": OTHER})
    assert problem(submission).endswith("has a name that is too long: rename it.")


@pytest.mark.parametrize(
    "data", [b"", b"PK", GOOD.encode(), packed({"a.py": GOOD})[:-30]], ids=["empty", "two bytes", "a text", "cut off"]
)
def test_what_is_no_archive_is_told(tmp_path: Path, data: bytes) -> None:
    assert "alice.zip is not a zip archive, or is damaged" in problem(read(tmp_path, data))


def test_an_empty_archive_holds_nothing(tmp_path: Path) -> None:
    assert problem(read(tmp_path, {})).startswith("alice.zip contains no .py file")


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    data = bytearray(packed({"double.py": GOOD}, zipfile.ZIP_STORED))
    data[data.index(b"return")] ^= 1
    assert problem(read(tmp_path, bytes(data))).startswith("double.py is damaged in the archive")


def claimed(data: bytes, size: int) -> bytes:
    """Return the archive with another size in the headers of its only member."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", changed, changed.index(mark) + offset, size)
    return bytes(changed)


@pytest.mark.parametrize("size", [10, 0xFFFFFFF0, None])
def test_a_bomb_is_unpacked_no_further_than_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int | None
) -> None:
    asked: list[int] = []
    read_member = zipfile.ZipExtFile.read

    def counted(stream: zipfile.ZipExtFile, most: int = -1) -> bytes:
        asked.append(most)
        return read_member(stream, most)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    data = packed({"double.py": b"#" * 50_000_000})
    assert problem(read(tmp_path, data if size is None else claimed(data, size))).startswith("double.py is ")
    assert asked == [limits.MAX_FILE_BYTES + 1]


def test_a_notebook_packed_suspiciously_small_is_told(tmp_path: Path) -> None:
    submission = read(tmp_path, {"double.ipynb": notebook("#" * 5_000_000)})
    assert problem(submission).startswith("double.ipynb is compressed to a suspiciously small size")


@pytest.mark.parametrize(("limit", "value"), [("MAX_ARCHIVE_BYTES", 200), ("MAX_MEMBERS", 1)])
def test_too_much_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(limits if limit == "MAX_ARCHIVE_BYTES" else archive, limit, value)
    sentence = problem(read(tmp_path, {"a.py": GOOD, "b.py": OTHER}))
    assert sentence.startswith(("alice.zip is larger than", "alice.zip contains more than 1 files"))


@given(data=st.data())
def test_any_damage_ends_in_a_source_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(packed({"double.py": GOOD, "deep/b.py": OTHER, "größe.py": ""}))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read(tmp_path_factory.mktemp("any"), bytes(whole)).source_of(DOUBLE), Source | Problem)


def test_a_member_without_a_name_is_passed_over(tmp_path: Path) -> None:
    made = bytearray(packed([("double.py", GOOD), ("x", "")]))
    made[made.rindex(b"PK\x01\x02") + 46] = 0  # in the list of members: a name ends there, for `zipfile`
    assert isinstance(read(tmp_path, bytes(made)).source_of(DOUBLE), Source)


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
