"""Runs git with a fixed configuration, so that no setting of the account changes its output."""

from __future__ import annotations

from mantodeus_ops.remote.shell import Argv, Command

# Twin of git/scripts/git.js. Settings for remotes and checkouts stay those of the account.
SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.abbrev=auto",
    "core.safecrlf=false",
    "core.useReplaceRefs=false",
    "color.ui=false",
    "color.diff=false",
    "color.status=false",
    "color.branch=false",
    "color.advice=false",
    "color.remote=false",
    "color.transport=false",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
    "status.renames=false",
    "diff.renames=false",
    "diff.relative=false",
    "diff.ignoreSubmodules=none",
    "diff.orderFile=/dev/null",
    "apply.whitespace=nowarn",
    "apply.ignoreWhitespace=no",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "advice.objectNameWarning=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=20",
)
GIT: Argv = ("git", "--no-pager", *(word for one in SETTINGS for word in ("-c", one)))
# No prompt waits for an answer; the ssh that git is set to use gets these options, too.
GIT_ENV = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "GIT_SSH_VARIANT": "ssh",
    "GIT_SSH_COMMAND": 'ops_ssh() { eval "${OPS_GIT_SSH:-$(git config core.sshCommand'
    ' || echo "${GIT_SSH:-ssh}")} -o BatchMode=yes -o ConnectTimeout=15 \\"\\$@\\""; }; ops_ssh',
}


def git_command(words: Argv, cwd: str, seconds: int = 0, *, remote: bool = False) -> Command:
    """Return the git command with the fixed configuration; it is shown without it."""
    env = GIT_ENV if remote else {}
    return Command((*GIT, *words), cwd, env, seconds, shown=("git", *words))


def parse_tip(printed: str, ref: str) -> str:
    """Return the revision of exactly this ref in the output of `ls-remote`; empty without one.

    git also lists refs whose names only end with the requested one.
    """
    pairs = (line.partition("\t") for line in printed.split("\n"))
    return next((revision for revision, _, name in pairs if name == ref), "")
