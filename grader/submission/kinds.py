"""Recognises what a file is by how its content begins, to name it where it cannot be read."""

from __future__ import annotations

import codecs

HEAD_BYTES = 1024  # how much of a file is enough to recognise it

_ZIP = b"PK\x03\x04"
_SIGNATURES = (
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh9", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF87a", "a picture"),
    (b"GIF89a", "a picture"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a shortcut to a file"),
    (b"[InternetShortcut]", "a shortcut to a web page"),
    (b"\x7fELF", "a compiled program"),
)
_PACKED = {  # documents and data that are zip archives inside
    "docx": "a Word document",
    "xlsx": "an Excel workbook",
    "pptx": "a PowerPoint presentation",
    "odt": "an OpenDocument text",
    "pages": "a Pages document",
    "whl": "a Python package",
    "npz": "saved arrays",
    "pt": "saved tensors",
    "pth": "saved tensors",
    "ckpt": "saved tensors",
}
_BY_ENDING = {
    "pyc": "compiled Python",
    "crdownload": "an unfinished download",
    "part": "an unfinished download",
    "download": "an unfinished download",
}
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257


def foreign_kind(path: str, head: bytes) -> str:
    """Return what a file is that is certainly neither Python nor a notebook, "" if it may be either."""
    ending = path.rpartition(".")[2].lower()
    if head.startswith(_ZIP):
        return _PACKED.get(ending, "a zip archive" if ending == "zip" else "a zip archive under another name")
    if head[_TAR_MARK_AT:].startswith(_TAR_MARK):
        return "a tar archive"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if _text(head).lower().startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return ""


def kind_of(path: str, head: bytes) -> str:
    """Return what a file is, for a message that names it."""
    if kind := foreign_kind(path, head):
        return kind
    if kind := _BY_ENDING.get(path.rpartition(".")[2].lower(), ""):
        return kind
    if not head:
        return "an empty file"
    if looks_like_notebook(head):
        return "a notebook under another name"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # its last character may be cut in two
    except UnicodeDecodeError:
        return "a file of another kind"
    return "a file of another kind" if b"\0" in head else "a text file"


def is_zip(head: bytes) -> bool:
    """Tell whether a content is a zip archive; the file's name does not matter."""
    return head.startswith(_ZIP)


def looks_like_notebook(content: bytes) -> bool:
    """Tell whether a content is the JSON of a notebook; the file's name does not matter."""
    text = _text(content)
    return text.startswith(b"{") and any(key in text for key in (b'"cell_type"', b'"nbformat"', b'"cells"'))


def is_json(content: bytes) -> bool:
    """Tell what can only be meant as JSON, as a notebook is."""
    return _text(content)[:1] in (b"{", b"[")


def _text(content: bytes) -> bytes:
    return content.removeprefix(codecs.BOM_UTF8).lstrip()
