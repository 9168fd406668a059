"""Finds out which platform has made a download, unless somebody says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.classroom.platforms import canvas, classroom50, folders, gradescope, moodle

if TYPE_CHECKING:
    from grader.classroom.platforms.download import Download
    from grader.classroom.platforms.platform import Platform

PLATFORMS = (gradescope.PLATFORM, moodle.PLATFORM, classroom50.PLATFORM, canvas.PLATFORM)  # the surest first


def platform_called(key: str) -> Platform:
    """Return the platform with a name of `--from`."""
    return next(platform for platform in (*PLATFORMS, folders.PLATFORM) if platform.key == key)


def recognised(download: Download) -> tuple[Platform, Download]:
    """Return the platform whose names all that could be a hand-in has, and where in the download its files begin."""
    for place in (download, download.without_outer_folder()):
        for platform in PLATFORMS:
            if platform.recognise(place):
                return platform, place
    return folders.PLATFORM, unwrapped(folders.PLATFORM, download)


def unwrapped(platform: Platform, download: Download) -> Download:
    """Return where the files of a platform begin: below the only folder, if everything lies in one.

    In a folder of hand-ins that is a student's, but an archive often holds one folder with all.
    """
    if platform.recognise(download) and (platform is not folders.PLATFORM or download.place):
        return download
    return download.without_outer_folder()
