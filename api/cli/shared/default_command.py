"""A group of commands with one that runs where none is named: `eva replay FILE` is `eva replay run FILE`."""

from typing import Any

from api.cli.shared.help import EvaGroup


def create_group(default: str) -> type[EvaGroup]:
    """The class of the group; a file called as one of its commands is named with its folder, such as `./counts`."""

    class Group(EvaGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            return super().parse_args(ctx, args if args and args[0] in self.commands else [default, *args])

    return Group
