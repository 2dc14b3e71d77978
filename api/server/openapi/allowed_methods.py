"""Which methods a path has, for the `Allow` of a 405: by the description of the API, the only place that has all."""

import re

from fastapi import FastAPI

from api.server.openapi.document import describe


def methods(app: FastAPI, path: str) -> list[str]:
    """Methods of the described path that fits best, the one with the fewest parameters; none where none fits."""
    found = [template for template in describe(app)["paths"] if _fits(template, path)]
    if not found:
        return []
    best = min(found, key=lambda template: template.count("{"))
    return sorted(method.upper() for method in describe(app)["paths"][best])


def _fits(template: str, path: str) -> bool:
    parts = [part if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", template)]
    return re.fullmatch("".join("[^/]+" if part.startswith("{") else part for part in parts), path) is not None
