"""Which platform a download is from, whose files are by a pattern, and what of an archive is never read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from grader.classroom.handins import find_class, read_handed_in
from grader.classroom.platforms.download import opened
from grader.classroom.platforms.named import named
from grader.classroom.platforms.recognition import recognised
from grader.errors import UsageError
from grader.submission.model import Problem
from helpers.archives import zipped
from helpers.course_factory import write_files
from helpers.doubling import GOOD
from helpers.downloads import CANVAS, both_forms, find, people

pytestmark = pytest.mark.light


# --- no platform --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ["ada.py", "bo.py"],
        ["ada/work.py", "bo/work.py"],
        ["ada_hw_1.py", "bo_hw_1.py"],
        ["ada_2026_11_hw.py", "bo_2026_11_hw.py"],
        ["ada_2026_1120_hw.py", "bo_2026_1120_hw.py"],
        ["ada_3_1_hw.py", "bo_3_2_hw.py"],
        ["alphaada_1001_50001_double.py", "bo.py"],
        ["alphaada_1001_50001_double.py", "bo/work.py"],
        ["Ada_1001_50001_double.py", "Bo_1002_50002_double.py"],
        ["a_4101_assignsubmission_file/x.py", "bo/x.py"],
        ["submission_1/x.py", "submission_2/x.py"],
        ["hw-ada/x.py", "hw-bo/x.py"],
        ["anon_1_x.py", "bo.py"],
        ["submission_metadata.yml/x.py"],
    ],
    ids=" ".join,
)
def test_ordinary_handins_are_not_taken_for_a_platforms(tmp_path: Path, names: list[str]) -> None:
    assert find(tmp_path, dict.fromkeys(names, GOOD)).platform.key == "folders"


@pytest.mark.parametrize("more", ["README.md", "gradebook.csv", "notes.txt"])
def test_what_is_not_a_handin_does_not_hide_the_platform(tmp_path: Path, more: str) -> None:
    found = find(tmp_path, {**CANVAS, more: ""})
    assert (found.platform.key, found.ignored) == ("canvas", [more])


def test_an_archive_of_ordinary_handins_is_read_like_their_folder(tmp_path: Path) -> None:
    files = {"class/ada/double.py": GOOD, "class/bo.py": GOOD, "class/notes.pdf": ""}
    found = find(tmp_path, files, "zip")
    assert people(found) == {"ada: ada": ["double.py"], "bo: bo": ["bo.py"]}
    assert found.ignored == ["notes.pdf"]


@pytest.mark.parametrize("name", ["canvas", "moodle", "gradescope", "classroom50"])
def test_a_platform_that_finds_nothing_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"contains (nothing that is named as|no submission_metadata)"):
        find(tmp_path, {"ada.py": GOOD}, platform=name)


def test_a_platform_can_be_named(tmp_path: Path) -> None:
    assert people(find(tmp_path, {"ada_3_1_hw.py": GOOD}, platform="canvas")) == {"3: ada": ["hw.py"]}
    assert people(find(tmp_path, CANVAS, platform="folders")).keys() >= {
        "alphaada_1001_50001_double: " + "alphaada_1001_50001_double"
    }


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ada.rar", "Rar!\x1a\x07", "only `ada.rar`, a RAR archive"),
        ("ada/work.rar", "Rar!\x1a\x07", "only `work.rar`, a RAR archive"),
        ("ada/notes.pdf", "%PDF-1.7", "only `notes.pdf`, a PDF document"),
        ("ada/empty.7z", "", "only `empty.7z`, which is not an archive"),
    ],
)
@both_forms
def test_a_handin_that_cannot_be_read_names_what_was_seen(
    tmp_path: Path, name: str, content: str, said: str, form: str
) -> None:
    files = {name: content, "bo.py": GOOD}
    where = write_files(tmp_path / "download", files) if form == "folder" else tmp_path / "download.zip"
    if form == "zip":
        where.write_bytes(zipped(files))
    with opened(where) as download:
        problem = read_handed_in(find_class(download).handins[0]).submission
    assert isinstance(problem, Problem)
    assert problem.sentence == (
        f"ada contains no .py file or notebook, {said}: hand in the .py file or the notebook itself, or a zip archive of "
        "your files."
    )


def test_a_film_leaves_room_for_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.classroom.handins.MAX_HANDIN_BYTES", 10_000)
    files = {"ada_3_101_a film.mp4": "x" * 20_000, "ada_3_102_all.zip": "x" * 20_000, "ada_3_103_double.py": GOOD}
    with opened(write_files(tmp_path / "download", files)) as download:
        read = read_handed_in(find_class(download, "canvas").handins[0])
    assert not isinstance(read.submission, Problem)
    assert [file.path for file in read.submission._files] == ["double.py"]
    assert ["too large" in remark for remark in read.remarks] == [True]


# --- --names ------------------------------------------------------------------------------------------------------


def test_a_pattern_says_whose_each_file_is(tmp_path: Path) -> None:
    files = {"hw1/Alpha+ada+x.py": GOOD, "hw1/Alpha+ada+y.py": "y = 1", "hw1/Beta+bo+x.py": GOOD, "hw1/other.py": ""}
    with opened(write_files(tmp_path, files)) as download:
        found = find_class(download, named(r".*/\w+\+(?P<student>\w+)\+(?P<file>.+)"))
    assert people(found) == {"ada: ada": ["x.py", "y.py"], "bo: bo": ["x.py"]}
    assert found.ignored == ["hw1/other.py"]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", r"--names is not a regular expression \(.*\): correct it"),
        ("(?P<who>.*)", "--names has no group `student`"),
        ("(?P<student>a)(?P<student", "is not a regular expression"),
        ("*", "is not a regular expression"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_a_sentence(pattern: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        named(pattern)


def test_a_pattern_without_end_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.classroom.platforms.named._SECONDS", 0.05)
    with (
        opened(write_files(tmp_path, {"a" * 60 + "!.py": GOOD})) as download,
        pytest.raises(UsageError, match=r"takes too long on a+!"),
    ):
        find_class(download, named(r"(?P<student>(a|aa|aaa)+)+$(?<=b)"))


def test_a_pattern_that_matches_nothing_is_a_sentence(tmp_path: Path) -> None:
    with (
        opened(write_files(tmp_path, {"ada.py": GOOD})) as download,
        pytest.raises(UsageError, match="--names matches"),
    ):
        find_class(download, named("(?P<student>zz+)"))


# --- archives -----------------------------------------------------------------------------------------------------


def test_paths_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside"
    files = {"../../ada.py": GOOD, f"{outside}/bo.py": GOOD, "C:\\cem.py": GOOD, "..\\..\\dee.py": GOOD}
    found = find(tmp_path, files, "zip")
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {"download.zip"}
    assert not outside.exists()
    assert not [*tmp_path.parent.glob("*.py"), *tmp_path.parents[1].glob("*.py"), *Path.cwd().glob("*cem.py")]
    assert all(".." not in file.path for handin in found.handins for file in handin.files)


@pytest.mark.parametrize(
    ("content", "method", "said"),
    [
        ("#" * 5_000_000, zipfile.ZIP_DEFLATED, "is compressed to a suspiciously small size"),
        (GOOD, zipfile.ZIP_BZIP2, "is compressed with a method that is not supported"),
    ],
    ids=["bomb", "bzip2"],
)
def test_what_an_archive_packs_too_well_is_not_read(tmp_path: Path, content: str, method: int, said: str) -> None:
    with zipfile.ZipFile(tmp_path / "class.zip", "w", method) as archive:
        archive.writestr("alphaada_1001_50001_x.ipynb", content)
        archive.writestr("betabo_1002_50002_x.py", "x = 1\n", zipfile.ZIP_STORED)
    with opened(tmp_path / "class.zip") as download:
        ada, bo = find_class(download).handins
        problem = read_handed_in(ada).submission
        assert not isinstance(read_handed_in(bo).submission, Problem)
    assert isinstance(problem, Problem)
    assert said in problem.sentence


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.classroom.platforms.download.MAX_FILES", 3)
    write_files(tmp_path, {**{f"d/{name}.py": "" for name in "abcd"}, "class.zip": zipped(dict.fromkeys("abcd", ""))})
    for path in (tmp_path / "d", tmp_path / "class.zip"):
        with pytest.raises(UsageError, match="contains more than 3 files"), opened(path):
            pass


def test_a_damaged_archive_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(b"PK\x03\x04 and no more")
    with (
        pytest.raises(UsageError, match=r"class\.zip is not a zip archive, or is damaged: download it again"),
        opened(tmp_path / "class.zip"),
    ):
        pass


def test_an_archive_is_recognised_in_itself(tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(zipped(CANVAS))
    with opened(tmp_path / "class.zip") as download:
        platform, place = recognised(download)
    assert (platform.key, place.place) == ("canvas", None)


def test_a_link_in_a_download_is_not_followed(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {"secret.py": GOOD, "d/Ada_4101_assignsubmission_file/x.txt": "", "d/Bo_4102_assignsubmission_file/y.py": GOOD},
    )
    (tmp_path / "d/Ada_4101_assignsubmission_file/double.py").symlink_to(tmp_path / "secret.py")
    with opened(tmp_path / "d") as download:
        problem = read_handed_in(find_class(download).handins[0]).submission
    assert isinstance(problem, Problem)
    assert "double.py is a symbolic link, which is not followed" in problem.sentence


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("alphaada_1001_50001_double.py")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with opened(tmp_path / "class.zip") as download:
        problem = read_handed_in(find_class(download).handins[0]).submission
    assert isinstance(problem, Problem)
    assert "double.py is a symbolic link, which is not followed" in problem.sentence
