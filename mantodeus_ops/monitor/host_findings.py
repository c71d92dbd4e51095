"""Findings about the host: its .env, its disk."""

from __future__ import annotations

from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.env.check_rules import readable_by_others
from mantodeus_ops.findings import Finding
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.text.format import human_bytes, human_count


def env_findings(app: App, facts: Facts, example: str = "") -> list[Finding]:
    """Return the findings on the app's variables, by name, never with values."""
    env = facts["env"]
    findings = []
    if not env["present"]:
        missing = list(app.required_env) or list(parse_dotenv(example))
        if missing:
            findings.append(
                Finding(
                    f"{app.env_file} is missing; the app needs {', '.join(missing)}", "deploy.setup"
                )
            )
        return findings
    values = parse_dotenv(env.get("text") or "")
    empty = [name for name in app.required_env if not values.get(name)]
    if empty:
        findings.append(Finding(f"{app.env_file} lacks {', '.join(empty)}", f"env.set {empty[0]}"))
    return findings + readable_by_others(app.env_file, env["mode"], stops=False)


def disk_findings(app: App, facts: Facts, needed_bytes: int = 0) -> list[Finding]:
    """Return the findings on disk space, when this many bytes are needed."""
    disk = facts["disk"]
    needed = max(app.min_free_disk, needed_bytes)
    if disk["free"] < needed:
        text = f"{human_bytes(disk['free'])} are free, but the deploy needs {human_bytes(needed)}"
        return [Finding(text, "monitor.clean  # shows how much can be freed")]
    inodes = disk["inodes_free"]
    if inodes == 0:
        return [Finding("the disk has no free inode left: no file can be created", "df -i .")]
    if 0 < inodes < 100_000:  # noqa: PLR2004 - two node_modules; 0 where the file system counts none
        text = f"only {human_count(int(inodes), 'inode')} {'is' if inodes == 1 else 'are'} left"
        return [Finding(text, "df -i .", stops=False)]
    return []
