"""Looks at the members of zip archives, and opens them to a limit: the one place that knows what zip programs write."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib

from grader.submission.entries import LINK, NO_FILE

MAX_RATIO = 500  # how many times its packed size a large member may have; honest text stays far below
_LARGE = 1_000_000
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others cannot be unpacked to a limit


def written_path(info: zipfile.ZipInfo) -> str:
    """Return a member's path as it was written, with `/` between its parts; it may lead anywhere."""
    path = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:  # many programs write UTF-8 without saying so
            path = path.encode("cp437").decode("utf-8")
        except UnicodeError:
            path = info.filename
    return path.replace("\\", "/")


def obstacle_of(info: zipfile.ZipInfo) -> str:
    """Return why a member is not opened, "" if it is."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if stat.S_ISLNK(kind):
        return LINK
    if kind and not stat.S_ISREG(kind):
        return NO_FILE
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted: zip it without a password"
    if info.compress_type not in _METHODS:
        return "is compressed with a method that is not supported: zip it with the usual settings"
    return ""


def content_of(archive: zipfile.ZipFile, info: zipfile.ZipInfo, remedy: str, most: int) -> tuple[bytes, str]:
    """Return at most `most` bytes of a member, and why it cannot be used ("" if it can); `remedy` is for damage."""
    try:
        with archive.open(info) as stream:
            data = stream.read(most)
    except (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, ValueError, EOFError, OSError):
        return b"", f"is damaged in the archive: {remedy}"
    if len(data) > max(_LARGE, MAX_RATIO * info.compress_size):
        return data, "is compressed to a suspiciously small size: hand in source code only"
    return data, ""
