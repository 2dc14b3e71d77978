"""The operations of a resource in OpenAPI: one for each action, with its body, its example and who may do it."""

from typing import Any

from api.application.resources.resource import Filter, Resource
from api.application.service import MOST_EVENTS
from api.server.http.describe import DEPUTY, IF_MATCH, KEY, location, query_parameter
from api.server.http.query import MOST_VALUES
from api.server.openapi.components import ACTIONS, HISTORY, REF, Names, ref
from api.server.openapi.examples import Examples
from api.server.routes.bulk.bulk import BulkChange
from workflow.engine.access import Role

Operation = dict[str, Any]
BULK = """\
Up to 100 changes, done one after the other exactly as each would be alone, by the same rights. Each has a result with
the status that it would have had alone, and a problem document where it was refused; that does not touch the others.
The answer is 200 whatever became of them. `key` is the Idempotency-Key of one change: send it again, here or alone, and
the first answer comes again. Without `id` and `action` a new one is made; `version` is what `If-Match` says.
"""
CURSOR = query_parameter("cursor", "`next` of the page before")
EVENTS_LIMIT = query_parameter("limit", type="integer", minimum=1, maximum=MOST_EVENTS, default=MOST_EVENTS)
LIMIT = query_parameter("limit", type="integer", minimum=1, maximum=200, default=50)
IF_NONE_MATCH = {**IF_MATCH, "name": "If-None-Match", "description": "the ETag known; 304 where it is still true"}
LIST_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "of what the page says to this caller"}}
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "version of the resource"}}


class ResourceOperations:
    def __init__(self, resource: Resource, examples: Examples) -> None:
        self._resource = resource
        self._names = Names(resource)
        self._examples = examples
        self._by_path = [
            action for action in resource.commands if resource.naming != "uuid" or action != resource.creates
        ]
        """Actions on one that is there already."""

    def paths(self) -> dict[str, dict[str, Operation]]:
        base, one = f"/{self._resource.plural}", f"/{self._resource.plural}/{{id}}"
        paths = {
            base: {"get": self._list()},
            one: {"get": self._show()},
            f"{base}/bulk": {"post": self._bulk()},
            f"{one}/actions": {"get": self._actions()},
            f"{one}/history": {"get": self._history()},
        }
        if self._resource.naming != "path":
            paths[base]["post"] = self._create()
        return paths | {f"{one}/actions/{action}": {"post": self._act(action)} for action in self._by_path}

    def _list(self) -> Operation:
        filters = [_describe_filter(wanted) for wanted in self._resource.filters]
        order = query_parameter(
            "sort", "what to order by; `-` before it for the opposite", enum=list(self._resource.orders),
            default=self._resource.sorts[0],
        )  # fmt: skip
        return self._operation(
            "list", self._title("List"), "Those that the caller may know of, by page.",
            [LIMIT, CURSOR, order, IF_NONE_MATCH, DEPUTY, *filters],
            {
                "200": _json("a page", ref(self._names.page), self._examples.pages[self._resource.name], LIST_ETAG),
                "304": {"description": "not modified", "headers": LIST_ETAG},
            },
        )  # fmt: skip

    def _show(self) -> Operation:
        shown = self._examples.resources[self._resource.name]
        return self._operation(
            "show", self._title("Show"), (self._resource.representation.__doc__ or "").strip(),
            [self._id(), IF_NONE_MATCH, DEPUTY],
            {
                "200": _json("as it is now", ref(self._names.whole), shown, ETAG),
                "304": {"description": "not modified", "headers": ETAG},
            },
        )  # fmt: skip

    def _actions(self) -> Operation:
        part = self._resource.part
        parts = [query_parameter(part, f"one {part} of it", format="uuid")] if part else []
        options = self._examples.options[self._resource.name]
        return self._operation(
            "actions", f"What may be done, and why not: {self._resource.en}",
            "Every action, whether the caller may do it now, and if not, why.", [self._id(), *parts, DEPUTY],
            {"200": _json("every action", ref(ACTIONS), options)},
        )  # fmt: skip

    def _history(self) -> Operation:
        events = {**self._examples.history[self._resource.name], "next": None}
        return self._operation(
            "history", f"Its events, oldest first: {self._resource.en}",
            "What has happened to it, by page; `data` is null where it was erased by law.",
            [self._id(), EVENTS_LIMIT, CURSOR, IF_NONE_MATCH, DEPUTY],
            {
                "200": _json("a page", ref(HISTORY), events, LIST_ETAG),
                "304": {"description": "not modified", "headers": LIST_ETAG},
            },
        )  # fmt: skip

    def _create(self) -> Operation:
        action = self._resource.creates
        word = self._word
        there = {"id": "$response.body#/id"}
        names = [f"{verb}_{word}" for verb in ("show", "actions", "history", *self._by_path)]
        made = self._changed(action) | {
            "links": {name: {"operationId": name, "parameters": there} for name in names},
            "headers": {**ETAG, **location("where it is")},
        }
        return self._operation(
            "create", self._title("New"), self._explain(action), [KEY, DEPUTY], {"201": made},
            requestBody=self._body(action, required=True),
        )  # fmt: skip

    def _act(self, action: str) -> Operation:
        label = self._resource.commands[action].LABEL
        title = f"{label.en} ({label.de})" if label.en else action
        return self._operation(
            action, f"{title}: {self._resource.en}", self._explain(action), [self._id(), KEY, IF_MATCH, DEPUTY],
            {"200": self._changed(action)}, requestBody=self._body(action, required=False),
        )  # fmt: skip

    def _bulk(self) -> Operation:
        """The examples: one that was done, as the action by itself answers, and no failure."""
        action = self._by_path[0]
        shown = self._examples.changed(self._resource.name)
        hidden = self._resource.key
        body = {name: one for name, one in self._resource.examples[action].items() if name != hidden}
        item = {"key": "b-1", "id": shown["id"], "action": action, "body": body}
        done = {"key": "b-1", "status": 200, "id": shown["id"], "replayed": False, "resource": shown, "problem": None}
        sent = {"schema": BulkChange.model_json_schema(ref_template=REF), "example": {"items": [item]}}
        return self._operation(
            "bulk", self._title("Many changes"), BULK, [DEPUTY],
            {"200": _json("a result for each", ref(self._names.bulk), {"results": [done]})},
            requestBody={"required": True, "content": {"application/json": sent}},
        )  # fmt: skip

    def _operation(
        self, verb: str, summary: str, description: str, parameters: list[Any], responses: dict[str, Any], **more: Any
    ) -> Operation:
        return {
            "operationId": f"{verb}_{self._word}", "summary": summary, "description": description,
            "parameters": parameters, "responses": responses, "tags": [self._resource.plural], **more,
        }  # fmt: skip

    @property
    def _word(self) -> str:
        return self._resource.name.replace("-", "_")

    def _title(self, verb: str) -> str:
        return f"{verb}: {self._resource.en} ({self._resource.de})"

    def _id(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 120}
        if self._resource.naming == "uuid":
            schema = {"type": "string", "format": "uuid"}
        example = self._examples.resources[self._resource.name]["id"]
        return {"name": "id", "in": "path", "required": True, "schema": schema, "example": example}

    def _body(self, action: str, required: bool) -> dict[str, Any]:
        """The example is without the key where the path says it."""
        hidden = None if action == self._resource.creates else self._resource.key
        example = {name: one for name, one in self._resource.examples[action].items() if name != hidden}
        schema = ref(self._names.body(action))
        return {"required": required, "content": {"application/json": {"schema": schema, "example": example}}}

    def _changed(self, action: str) -> dict[str, Any]:
        answered = ref(self._names.changed)
        if action in self._resource.unseen:
            answered = {"anyOf": [answered, ref(self._names.unseen)], "title": f"{self._names.changed}OrUnseen"}
        return _json("done", answered, self._examples.changed(self._resource.name), ETAG)

    def _explain(self, action: str) -> str:
        """What a command is for, from which states, by whom: as the table says."""
        machine, text = self._resource.machine, (self._resource.commands[action].__doc__ or "").strip()
        rows = [row for row in machine.table if row.action == action] if machine else []
        if not rows:
            return text
        roles = sorted({role.value for row in rows for role in row.roles if role is not Role.SYSTEM})
        states = list(dict.fromkeys(row.source for row in rows if row.roles - {Role.SYSTEM}))
        basis = "; ".join(dict.fromkeys(row.basis for row in rows))
        return f"{text}\n\nFrom: {', '.join(states)}. Roles: {', '.join(roles)}. Basis: {basis}."


def _describe_filter(wanted: Filter) -> dict[str, Any]:
    values: dict[str, Any] = {"enum": list(wanted.values)} if wanted.values else {"maxLength": 200}
    items = {"type": "string", **values}
    return query_parameter(wanted.name, wanted.en, type="array", items=items, maxItems=MOST_VALUES)


def _json(text: str, schema: Any, example: Any, headers: Any = None) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"description": text, "content": content, **({"headers": headers} if headers else {})}
