"""Says why this machine cannot confine submissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.sandbox.inside.landlock import STRICT_LANDLOCK_ABI

if TYPE_CHECKING:
    from grader.sandbox.wire import messages


def why_not_strict(ready: messages.Ready, *, proc: bool) -> str:
    """Return why strict isolation cannot be had, with the remedies."""
    landlock = f"Landlock ABI {ready.landlock_abi}" if ready.landlock_abi else "no Landlock"
    seccomp = "libseccomp" if ready.seccomp else "no libseccomp"
    return (
        f"Strict isolation needs Linux with Landlock ABI {STRICT_LANDLOCK_ABI} or newer, libseccomp and /proc; "
        f"found {landlock}, {seccomp} and {'/proc' if proc else 'no /proc'}: install libseccomp2, use a newer "
        "kernel, mount /proc, or grade only code you trust with --isolation auto."
    )
