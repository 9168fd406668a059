"""Writes the effect of messages as JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.messages import Effect


def to_json(effects: Sequence[Effect]) -> str:
    """Return the effects as JSON; a share is null where nobody tried again."""
    return json.dumps([
        {
            "exercise": "/".join(effect.said.exercise),
            "mistake": effect.said.variant or None,
            "title": effect.said.title,
            "students": effect.students,
            "tried_again": effect.tried_again,
            "mended": effect.mended,
            "share": None if math.isnan(effect.share) else round(effect.share, 4),
            "interval": [round(bound, 4) for bound in effect.interval],
        }
        for effect in effects
    ], indent=2)  # fmt: skip


FORMAT = Format("json", to_json)
