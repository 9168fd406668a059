"""Writes the groups of a class as JSON, as `schemas/clusters-1.schema.json` describes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.classroom.clusters.model import ClassClusters

SCHEMA = "grader.clusters/1"


def to_json(found: ClassClusters) -> str:
    """Return the groups as JSON."""
    clusters = [
        {
            "name": cluster.name,
            "exercise": "/".join(cluster.exercise),
            "students": list(cluster.students),
            "check": {"title": cluster.check, "hidden": cluster.hidden, "message": cluster.message},
            "code": cluster.code,
            "edit": cluster.edit,
            "raises": cluster.raises,
            "closest": cluster.closest._asdict() if cluster.closest else None,
        }
        for cluster in found.clusters
    ]
    return json.dumps(
        {"schema": SCHEMA, "course": found.course, "clusters": clusters, "left_out": list(found.left_out)}, indent=2
    )


FORMAT = Format("json", to_json)
