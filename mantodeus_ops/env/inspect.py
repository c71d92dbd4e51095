"""The tasks env, env.check and env.diff; values never leave the host's file."""

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
    not_seen,
    same_everywhere,
    variables,
)
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.findings import findings_report
from mantodeus_ops.redaction.redactor import secrets_of
from mantodeus_ops.remote.answers.env import EnvFacts
from mantodeus_ops.remote.answers.programs import ENV_FACTS
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult

# For this run only, so that digests are comparable between hosts but useless later.
_RUN_KEY = secrets.token_bytes(32)


def read(host: Host, *, probe: bool = False) -> tuple[EnvFile, EnvFacts]:
    """Return the `.env` and facts about it; redact its secrets from now on."""
    facts = host.query(ENV_FACTS, probe=probe)
    file = EnvFile.of(facts["file"])
    host.add_secrets(secrets_of(file.text))
    return file, facts


def listing(host: Host) -> TaskResult:
    """Return the state of all variables: set, required, secret, seen by the process."""
    file, facts = read(host)
    rows = _rows(host, file, facts)
    return TaskResult("success", {"file": file.file, "present": file.present, "variables": rows})


def check(host: Host) -> TaskResult:
    """Return the findings on the `.env`; exit code 7 when there are any."""
    file, facts = read(host, probe=True)
    example = parse_dotenv(facts["example"] or "")
    probes = facts["probes"] or {"databases": [], "served": False}
    findings = [
        *check_file(facts["file"]),
        *check_text(file, required=host.app.required_env, example=example),
        *check_probes(probes),
        *check_process(not_seen(_rows(host, file, facts))),
    ]
    data = {"file": file.file, "databases": probes["databases"]}
    return findings_report(findings, data)


def diff(host: Host) -> TaskResult:
    """Return the differences between `.env`, its example and the running process."""
    file, facts = read(host)
    if not file.present:
        raise PreflightError(f"{file.file} is missing", host.command_for("env.sync"))
    env, example = parse_dotenv(file.text), parse_dotenv(facts["example"] or "")
    data = {
        "file": file.file,
        "example": compared_with_example(env, example) if facts["example"] is not None else None,
        "process": not_seen(_rows(host, file, facts)),
        "fingerprints": fingerprints(env, _RUN_KEY),
    }
    return TaskResult("success", data)


def across(results: Mapping[str, TaskResult]) -> Mapping[str, TaskResult]:
    """Return the results of `diff` with the differences between hosts instead of digests."""
    prints = {
        name: dict(digests)
        for name, result in results.items()
        if isinstance(digests := result.data.get("fingerprints"), Mapping)
    }
    more = {"between_hosts": same_everywhere(prints)} if len(prints) > 1 else {}
    return {
        name: _with_comparison(result, more) if _has_fingerprints(result) else result
        for name, result in results.items()
    }


def _has_fingerprints(result: TaskResult) -> bool:
    return "fingerprints" in result.data


def _with_comparison(result: TaskResult, more: Mapping[str, object]) -> TaskResult:
    data = {key: value for key, value in result.data.items() if key != "fingerprints"}
    return replace(result, data={**data, **more})


def _rows(host: Host, file: EnvFile, facts: EnvFacts) -> list[VariableRow]:
    example = parse_dotenv(facts["example"] or "")
    return variables(parse_dotenv(file.text), example, host.app.required_env, facts["process"])
