"""The description of taking and giving the scanned file."""

from typing import Any

from api.server.openapi.resources import DEPUTY, IF_MATCH
from api.server.routes.scan_content import MEDIA, OF, PATH

_BINARY = {"schema": {"type": "string", "format": "binary"}}
NUMBER = {
    "name": "n", "in": "path", "required": True, "example": "1", "description": "number or id of the item",
    "schema": {"type": "string", "minLength": 1, "maxLength": 36},
}  # fmt: skip


def content_paths(scan: dict[str, Any]) -> dict[str, Any]:
    """`PUT` and `GET` of an item's content; `scan` describes the action that the file leads to."""
    identified = next(p for p in scan["parameters"] if p["name"] == "id")
    query: list[dict[str, Any]] = [
        {"name": "file_name", "in": "query", "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,200}$"}},
        {"name": "sheets", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 999_999}},
        {"name": "duplex", "in": "query", "schema": {"type": "boolean"}},
        {"name": "environment", "in": "query", "description": "scanner, software, procedure",
         "schema": {"type": "string", "minLength": 1, "maxLength": 500}},
        {"name": "reason", "in": "query", "description": "why the image was reworked; without it, it is a scan",
         "schema": {"type": "string", "minLength": 1, "maxLength": 500}},
    ]  # fmt: skip
    example = "%PDF-1.7 ..."
    return {
        PATH: {
            "put": {
                "operationId": "put_scan_content", "tags": ["scan-batches"],
                "summary": "Take the scanned file of an item",
                "description": "Stored, checked and read back; then the item is scanned. 422 with a `reason` where the "
                               "file will not do; its bytes are kept in quarantine.",
                "parameters": [identified, NUMBER, IF_MATCH, DEPUTY, *query],
                "requestBody": {
                    "required": True,
                    "content": {media: {**_BINARY, "example": example} for media in sorted(MEDIA)},
                },
                "responses": {"200": scan["responses"]["200"]},
            },
            "get": {
                "operationId": "get_scan_content", "tags": ["scan-batches"],
                "summary": "The product of an item, the PDF/A to inspect before the seal, or the scan as it came",
                "description": "The inspector looks at `content`: it is what replaces the paper, and the product "
                               "begins with its bytes. 404 where there is no such file yet, or no more.",
                "parameters": [
                    identified, NUMBER, DEPUTY,
                    {"name": "of", "in": "query", "example": "content",
                     "description": "`product`: sealed, with its transfer note; `content`: the PDF/A before note and "
                                    "seal; `raw`: the scan as it came",
                     "schema": {"type": "string", "enum": [*OF], "default": OF[0]}},
                ],
                "responses": {
                    "200": {"description": "the file",
                            "content": {media: {**_BINARY, "example": example} for media in sorted(MEDIA)}}
                },
            },
        }
    }  # fmt: skip
