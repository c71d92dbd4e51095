"""Queries the stored deliveries from outside the receiver.

`python -m mantodeus_ops.webhook.receiver.query` runs in the app's folder and prints a JSON object.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from mantodeus_ops.errors import OpsError
from mantodeus_ops.webhook.receiver.delivery_store import DeliveryStore

_RECENT = 200
SPOOL = Path(".deploy/webhook.db")


def main(words: Sequence[str]) -> int:
    """Print the answer or a refusal; return the exit code, which is 0 for both."""
    query = _parsed(words)
    try:
        answer = _answer(query)
    except OpsError as error:
        answer = {"refused": True, "code": error.code, "facts": error.details}
    except sqlite3.Error as error:
        facts = {"why": f"{SPOOL}: {error}"}
        answer = {"refused": True, "code": "books-unreadable", "facts": facts}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("query")
    kinds = parser.add_subparsers(dest="what", required=True)
    kinds.add_parser("facts")
    kinds.add_parser("deliveries").add_argument("limit", type=int)
    kinds.add_parser("redeliver").add_argument("id")
    return parser.parse_args(words)


def _answer(query: argparse.Namespace) -> dict[str, object]:
    # A query must not create the file: a receiver that never ran has no deliveries.
    if not SPOOL.exists():
        return {"missing": True}
    with closing(DeliveryStore(SPOOL)) as store:
        if query.what == "deliveries":
            return {"deliveries": store.deliveries(query.limit)}
        if query.what == "redeliver":
            return {"delivery": store.redeliver(query.id)}
        return {"facts": {**store.facts(), "recent": store.deliveries(_RECENT)}}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
