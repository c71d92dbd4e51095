"""Looks at an app's `.env`: names and what is so of each; no value ever leaves the host's file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..host.door import Host
from ..pure.dotenv import parse_dotenv
from ..pure.env_check import check_file, check_probes, check_process, check_text
from ..pure.errors import PreflightError
from ..pure.findings import findings_report
from ..pure.outcome import Report
from ..pure.redaction import secrets_of
from ..pure.variables import (
    EnvFile,
    compared_with_example,
    fingerprints,
    same_everywhere,
    unseen,
    variables,
)
from .facts import Facts

# For this run only: digests of several hosts can be compared, and mean nothing later.
_RUN_KEY = secrets.token_bytes(32)


def read(host: Host, *, probe: bool = False) -> tuple[EnvFile, Facts]:
    """Return the `.env` and all facts around it; what is secret in it is hidden from now on."""
    facts = host.ask("variables", probe=probe)
    file = EnvFile.of(facts["file"])
    host.hide(secrets_of(file.text))
    return file, facts


def listing(host: Host) -> Report:
    """Return what is so of every variable: set or not, required, secret, seen by the process."""
    file, facts = read(host)
    rows = _rows(host, file, facts)
    return Report("success", {"file": file.file, "present": file.present, "variables": rows})


def check(host: Host) -> Report:
    """Return everything that is wrong with the `.env`; exit code 7 when something is."""
    file, facts = read(host, probe=True)
    example = parse_dotenv(facts["example"] or "")
    found = [
        *check_file(facts["file"]),
        *check_text(file, required=host.app.required_env, example=example),
        *check_probes(facts["probes"]),
        *check_process(unseen(_rows(host, file, facts))),
    ]
    data = {"file": file.file, "databases": facts["probes"]["databases"]}
    return findings_report(found, data)


def diff(host: Host) -> Report:
    """Return how the `.env` differs from its example and from what the process has of it."""
    file, facts = read(host)
    if not file.present:
        raise PreflightError(f"{file.file} is missing", host.typed("env.sync"))
    env, example = parse_dotenv(file.text), parse_dotenv(facts["example"] or "")
    data = {
        "file": file.file,
        "example": compared_with_example(env, example) if facts["example"] is not None else None,
        "process": unseen(_rows(host, file, facts)),
        "fingerprints": fingerprints(env, _RUN_KEY),
    }
    return Report("success", data)


def across(reports: Mapping[str, Report]) -> Mapping[str, Report]:
    """Return the reports of `diff` with what differs between the hosts instead of digests."""
    prints = {name: dict(one.data["fingerprints"]) for name, one in reports.items() if _has(one)}
    more = {"between_hosts": same_everywhere(prints)} if len(prints) > 1 else {}
    return {name: _compared(one, more) if _has(one) else one for name, one in reports.items()}


def _has(report: Report) -> bool:
    return "fingerprints" in report.data


def _compared(report: Report, more: Mapping[str, Any]) -> Report:
    kept = {key: value for key, value in report.data.items() if key != "fingerprints"}
    return replace(report, data={**kept, **more})


def _rows(host: Host, file: EnvFile, facts: Facts) -> list[dict[str, Any]]:
    example = parse_dotenv(facts["example"] or "")
    return variables(parse_dotenv(file.text), example, host.app.required_env, facts["process"])
