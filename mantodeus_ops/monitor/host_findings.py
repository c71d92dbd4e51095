"""Findings about the host: its .env, its disk."""

from __future__ import annotations

from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.env.check_rules import readable_by_others
from mantodeus_ops.findings import Finding
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.text.format import human_bytes, human_count


def env_findings(app: App, facts: Facts, example: str = "") -> list[Finding]:
    """Return what is wrong with the app's variables; names are never followed by values."""
    env = facts["env"]
    found = []
    if not env["present"]:
        missing = list(app.required_env) or list(parse_dotenv(example))
        if missing:
            found.append(
                Finding(
                    f"{app.env_file} is missing; the app needs {', '.join(missing)}", "deploy.setup"
                )
            )
        return found
    values = parse_dotenv(env.get("text") or "")
    empty = [name for name in app.required_env if not values.get(name)]
    if empty:
        found.append(Finding(f"{app.env_file} lacks {', '.join(empty)}", f"env.set {empty[0]}"))
    return found + readable_by_others(app.env_file, env["mode"], stops=False)


def disk_findings(app: App, facts: Facts, wanted: int = 0) -> list[Finding]:
    """Return what is wrong with the room on the disk, when this many bytes are wanted of it."""
    disk = facts["disk"]
    needed = max(app.min_free_disk, wanted)
    if disk["free"] < needed:
        text = f"{human_bytes(disk['free'])} are free, the deploy wants {human_bytes(needed)}"
        return [Finding(text, "monitor.clean  # shows what would free how much")]
    inodes = disk["inodes_free"]
    if inodes == 0:
        return [Finding("the disk has no free inode left: no file can be made", "df -i .")]
    if 0 < inodes < 100_000:  # noqa: PLR2004 - two node_modules; 0 where the file system counts none
        text = f"only {human_count(int(inodes), 'inode')} {'is' if inodes == 1 else 'are'} left"
        return [Finding(text, "df -i .", stops=False)]
    return []
