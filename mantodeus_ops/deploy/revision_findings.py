"""Finds what a person should know of a revision before it is deployed."""

from __future__ import annotations

from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.findings import Finding
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.remote.answers.deploy import RefTarget
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.text.format import short


def revision_findings(app: App, facts: Facts, target: RefTarget) -> list[Finding]:
    """Return warnings: the revision was rolled back before, or names variables that are not set."""
    findings = []
    if target["revision"] in facts["rejected"]:
        text = f"{short(target['revision'])} was live before and was rolled back"
        findings.append(Finding(text, "deploy.history", stops=False))
    if new := _new_variables(facts, target):
        text = f"{app.env_example} has new names that {app.env_file} lacks: {', '.join(new)}"
        findings.append(Finding(text, f"env.set {new[0]}", stops=False))
    return findings


def _new_variables(facts: Facts, target: RefTarget) -> list[str]:
    """Return the names that the revision's example has, and neither the live one nor the app."""
    known = {
        *parse_dotenv(target["env_example_live"]),
        *parse_dotenv(facts["env"].get("text") or ""),
    }
    if not facts["env"]["present"]:
        return []  # every name is missing, which is another finding
    return [name for name in parse_dotenv(target["env_example"]) if name not in known]
