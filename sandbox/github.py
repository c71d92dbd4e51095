"""What GitHub sends when somebody pushes: a body that tells of it, and the headers that sign it."""

from __future__ import annotations

import json
import uuid

from mantodeus_ops.webhook.github_events import signature_of


def push_body(repository: str, revision: str, **changes: object) -> bytes:
    """Return the body that tells of a push of this revision to main; `changes` are its fields."""
    told = {
        "ref": "refs/heads/main",
        "before": "0" * 40,
        "after": revision,
        "repository": {"id": 7, "full_name": repository},
        "pusher": {"name": "ann"},
        "forced": False,
        "deleted": False,
        "head_commit": {"id": revision, "message": "A change"},
    }
    return json.dumps(told | changes).encode()


def signed_headers(event: str, body: bytes, secret: bytes, delivery: str = "") -> dict[str, str]:
    """Return the headers of a delivery of this body, under an id of its own if none is given."""
    return {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-Hub-Signature-256": signature_of(secret, body).decode(),
    }
