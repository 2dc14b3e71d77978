"""YAML as replay files are written: steps on one line each, comments and quotes kept."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq


def create_yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def dump(value: Any) -> str:
    text = io.StringIO()
    create_yaml().dump(value, text)
    return text.getvalue()


def in_flow_style(value: Any) -> Any:
    """Lists and mappings on one line."""
    if not isinstance(value, list | tuple | dict):
        return value
    kept = (
        CommentedMap({key: in_flow_style(one) for key, one in value.items()})
        if isinstance(value, dict)
        else CommentedSeq([in_flow_style(one) for one in value])
    )
    kept.fa.set_flow_style()
    return kept
