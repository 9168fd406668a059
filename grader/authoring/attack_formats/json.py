"""Writes what cheats earned as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.attacking import Attack


def to_json(attacks: Sequence[Attack]) -> str:
    """Return the attacks as JSON."""
    return json.dumps([
        {
            "lesson": attack.exercise.lesson,
            "exercise": attack.exercise.name,
            "seconds": round(attack.seconds, 2),
            "cheats": [
                {
                    "kind": score.cheat.kind,
                    "cheat": score.cheat.name,
                    "share": round(score.share, 4),
                    "passed": list(score.passed),
                }
                for score in attack.scores
            ],
            "findings": attack.findings,
        }
        for attack in attacks
    ], indent=2)  # fmt: skip


FORMAT = Format("json", to_json)
