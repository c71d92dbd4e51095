"""The task logs: reads the app's log files of PM2."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mantodeus_ops.errors import UsageError
from mantodeus_ops.events import AppLine
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.monitor.time_filter import parse_since
from mantodeus_ops.remote.answers.events import LOGS, AboutLogs, Line
from mantodeus_ops.remote.event_stream import stream
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult

_LINES = 100
_LINES_SINCE = 10_000


@dataclass(frozen=True, slots=True)
class LogQuery:
    """The query of a log: which lines of which logs."""

    lines: int = 0
    err: bool = False
    webhook: bool = False
    follow: bool = False
    grep: str = ""
    since: str = ""
    app: str = ""

    def params(self) -> JsonObject:
        """Return the parameters of the host program; raise UsageError for invalid ones."""
        try:
            re.compile(self.grep)
        except re.error as error:
            raise UsageError(f"--grep is no pattern: {error}", "logs --grep Error") from None
        lines = self.lines or (_LINES_SINCE if self.since else _LINES)
        names = ("err", "webhook", "follow", "grep")
        values = {name: getattr(self, name) for name in names}
        return {**values, "only": self.app, "lines": lines, **parse_since(self.since)}


@dataclass(slots=True)
class _Reader:
    """Passes lines on and keeps the offset, so that a lost connection loses no lines."""

    host: Host
    several: bool = True
    apps: list[str] = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    lines: list[dict[str, str]] = field(default_factory=list)

    def hear(self, event: Line | AboutLogs) -> None:
        """Take the next event of the program on the host."""
        if "sources" in event:
            self.several = len(event["sources"]) > 1
            self.apps = event.get("apps", [])
        elif "note" in event:
            self.host.info(event["note"])
        elif "line" in event:
            self._line(event)

    def _line(self, event: Line) -> None:
        self.at[event["file"]] = event["at"]
        text = str(event["line"])
        if self.host.options.as_json:
            self.lines.append(
                {"app": event.get("app", ""), "source": event["source"], "text": text}
            )
        else:
            self.host.events.emit(AppLine(self._shown_source(event), text))

    def _shown_source(self, event: Line) -> str:
        """Return which log a line is of, where there are several."""
        app = event.get("app", "") if len(self.apps) > 1 else ""
        return f"{app} {event['source']}".lstrip(" ") if self.several else ""


def logs(host: Host, query: LogQuery) -> TaskResult:
    """Show lines of the app's logs, with --follow until Ctrl-C; return them for JSON.

    Raise UsageError for an invalid pattern or time, HostError when PM2 has no such app.
    """
    reader, params = _Reader(host), query.params()
    try:
        stream(host, LOGS, reader.hear, again=lambda: {**params, "at": reader.at})
    except KeyboardInterrupt:
        if not query.follow:
            raise
    return TaskResult("success", {"lines": reader.lines})
