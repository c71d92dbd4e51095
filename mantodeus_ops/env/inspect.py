"""Looks at an app's `.env`: names and what is so of each; no value ever leaves the host's file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.env.check_rules import check_file, check_probes, check_process, check_text
from mantodeus_ops.env.variables import (
    EnvFile,
    VariableRow,
    compared_with_example,
    fingerprints,
    same_everywhere,
    unseen,
    variables,
)
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.findings import findings_report
from mantodeus_ops.redaction.redactor import secrets_of
from mantodeus_ops.remote.answers.env import EnvFacts
from mantodeus_ops.remote.answers.programs import ENV_FACTS
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult

# For this run only: digests of several hosts can be compared, and mean nothing later.
_RUN_KEY = secrets.token_bytes(32)


def read(host: Host, *, probe: bool = False) -> tuple[EnvFile, EnvFacts]:
    """Return the `.env` and all facts around it; what is secret in it is hidden from now on."""
    facts = host.query(ENV_FACTS, probe=probe)
    file = EnvFile.of(facts["file"])
    host.add_secrets(secrets_of(file.text))
    return file, facts


def listing(host: Host) -> TaskResult:
    """Return what is so of every variable: set or not, required, secret, seen by the process."""
    file, facts = read(host)
    rows = _rows(host, file, facts)
    return TaskResult("success", {"file": file.file, "present": file.present, "variables": rows})


def check(host: Host) -> TaskResult:
    """Return everything that is wrong with the `.env`; exit code 7 when something is."""
    file, facts = read(host, probe=True)
    example = parse_dotenv(facts["example"] or "")
    probes = facts["probes"] or {"databases": [], "served": False}
    found = [
        *check_file(facts["file"]),
        *check_text(file, required=host.app.required_env, example=example),
        *check_probes(probes),
        *check_process(unseen(_rows(host, file, facts))),
    ]
    data = {"file": file.file, "databases": probes["databases"]}
    return findings_report(found, data)


def diff(host: Host) -> TaskResult:
    """Return how the `.env` differs from its example and from what the process has of it."""
    file, facts = read(host)
    if not file.present:
        raise PreflightError(f"{file.file} is missing", host.command_for("env.sync"))
    env, example = parse_dotenv(file.text), parse_dotenv(facts["example"] or "")
    data = {
        "file": file.file,
        "example": compared_with_example(env, example) if facts["example"] is not None else None,
        "process": unseen(_rows(host, file, facts)),
        "fingerprints": fingerprints(env, _RUN_KEY),
    }
    return TaskResult("success", data)


def across(reports: Mapping[str, TaskResult]) -> Mapping[str, TaskResult]:
    """Return the reports of `diff` with what differs between the hosts instead of digests."""
    prints = {name: dict(one.data["fingerprints"]) for name, one in reports.items() if _has(one)}
    more = {"between_hosts": same_everywhere(prints)} if len(prints) > 1 else {}
    return {name: _compared(one, more) if _has(one) else one for name, one in reports.items()}


def _has(report: TaskResult) -> bool:
    return "fingerprints" in report.data


def _compared(report: TaskResult, more: Mapping[str, object]) -> TaskResult:
    kept = {key: value for key, value in report.data.items() if key != "fingerprints"}
    return replace(report, data={**kept, **more})


def _rows(host: Host, file: EnvFile, facts: EnvFacts) -> list[VariableRow]:
    example = parse_dotenv(facts["example"] or "")
    return variables(parse_dotenv(file.text), example, host.app.required_env, facts["process"])
