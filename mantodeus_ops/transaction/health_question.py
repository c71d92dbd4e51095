"""Tells an app that is unhealthy from one that the inventory asks at the wrong address."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from mantodeus_ops.findings import Finding
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.remote.answers.facts import Facts, RightQuestion


def question_findings(app: App, facts: Facts) -> list[Finding]:
    """Return the finding against a first deploy over a running app that is asked wrongly.

    A deploy would judge the new version by the same question, and could not tell whether the app
    that runs now is back.
    """
    health = facts["health"]
    if facts["live"] or not health or not health.get("misasked"):
        return []
    right = right_setting(app, health.get("right"))
    text = f"PM2 runs {app.name}, which is not healthy by this inventory: {health.get('reason')}"
    hint = f"set {right} in the inventory" if right else "health"
    return [Finding(text, hint)]


def right_setting(app: App, right: RightQuestion | None) -> str:
    """Return the setting by which the app is healthy; empty when it is not known."""
    if not right:
        return ""
    if right.get("forwarded"):
        return 'health.headers.X-Forwarded-Proto = "https"'
    url = app.health_url
    if url.startswith("unix:"):
        url = f"http://localhost{url[url.index(':/', len('unix:')) + 1 :]}"
    parts = urlsplit(url)
    host = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
    port = right.get("port") or parts.port
    path, query = (right["path"], "") if "path" in right else (parts.path, parts.query)
    place = f"{host}:{port}" if port else host
    return f'health_url = "{urlunsplit((parts.scheme, place, path, query, ""))}"'
