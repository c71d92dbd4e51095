"""@task: an Invoke task whose body takes a Host and returns a TaskResult."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.tasks import Task

from mantodeus_ops.cli.parser import make_bare, make_hidden
from mantodeus_ops.fleet.task_spec import Across, RevertPlan, TaskSpec
from mantodeus_ops.results import TaskResult

Body = Callable[..., TaskResult]
_COMMON = {"json": "One JSON object a host on stdout, everything else on stderr."}
_CHANGING = {
    "dry-run": "Check the host, print the exact commands, change nothing.",
    "yes": "Answer yes to every question.",
    "canary": "Change the first host alone, then ask to continue; --yes continues.",
}
_VALUED = {
    "wait": "Seconds to wait for the lock when another run holds it.",
    "batch": "Hosts to change at once: N or N%.",
    "on-failure": "After a failed batch: stop (default), continue or revert.",
}
COMMON_OPTIONS = frozenset({*_COMMON, *_CHANGING, *_VALUED})


class HostTask(Task[Body]):
    """A task of this project; runs on this machine under `inv`, on the named hosts under `fab`."""

    def __init__(
        self,
        body: Body,
        kind: TaskSpec,
        name: str | None,
        texts: Mapping[str, str],
        *,
        default: bool,
    ) -> None:
        super().__init__(body, name, default=default, auto_shortflags=False, help=dict(texts))
        self.kind = kind

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """Return the body's options and the common ones."""
        flags = {**_COMMON, **(_CHANGING if self.kind.changes else {})}
        texts = dict(self.help)  # Invoke takes each out, and a task may have two names
        own = super().get_arguments(ignore_unknown_help)
        self.help = texts
        for argument in own:
            if argument.name == self.kind.may_miss:
                make_bare(argument)
            if argument.name == self.kind.asks:
                make_hidden(argument)
        taken = {name for argument in own for name in argument.names}
        valued = _VALUED if self.kind.changes else {}
        return [
            *own,
            *(
                _argument(name, flags[name], bool, default=False)
                for name in flags
                if name not in taken
            ),
            *(_argument(name, text, str, default="") for name, text in valued.items()),
        ]

    def __call__(self, *args: object, **kwargs: object) -> Any:  # noqa: ANN401 - Invoke declares the type of the body
        """Run on this machine when called with Invoke's context; call the body with a Host."""
        if args and isinstance(args[0], Context):
            from mantodeus_ops.fleet.runner import run_here  # noqa: PLC0415 - a listing needs no machinery

            code = run_here(self, kwargs, dry=bool(args[0].config.run.dry))
            if code:
                raise Exit(code=code)
            return None
        return super().__call__(*args, **kwargs)


def _argument(name: str, text: str, kind: type, *, default: object) -> Argument:
    # An attr_name equal to the name would be an alias of itself: Invoke follows it for ever.
    attr_name = name.replace("-", "_") if "-" in name else None
    return Argument(names=(name,), attr_name=attr_name, kind=kind, default=default, help=text)


def task(  # noqa: PLR0913 - each says one thing of a task
    *,
    view: str = "generic",
    changes: bool = False,
    default: bool = False,
    name: str = "",
    options: Mapping[str, str] | None = None,
    may_miss: str = "",
    asks: str = "",
    across: Across | None = None,
    reverts: RevertPlan | None = None,
) -> Callable[[Body], HostTask]:
    """Return the decorator that makes a task of `def body(host, …) -> Report`.

    `options` are the help texts of the body's own options, by their names on the command line;
    `may_miss` names the one that may be given without its name, or not at all; `asks` the one that
    is never given, but asked for once, before the first host. `across` gets the reports of all
    hosts, by name, and returns those to show. `reverts` is what --on-failure revert does.
    """

    def decorate(body: Body) -> HostTask:
        kind = TaskSpec(
            changes=changes,
            view=view,
            may_miss=may_miss,
            across=across,
            asks=asks,
            reverts=reverts,
        )
        return HostTask(body, kind, name or None, options or {}, default=default)

    return decorate


__all__ = ["COMMON_OPTIONS", "HostTask", "RevertPlan", "task"]
