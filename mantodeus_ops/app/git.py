"""git under our own configuration: no setting of the account changes what it prints or runs."""

from __future__ import annotations

from mantodeus_ops.remote.shell import Argv, Command

# app/scripts/git.js says the same. What reaches a remote or checks files out stays the account's.
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
# No question waits for an answer; the ssh that git is set to use gets our options on top.
GIT_ENV = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "GIT_SSH_VARIANT": "ssh",
    "GIT_SSH_COMMAND": 'ops_ssh() { eval "${OPS_GIT_SSH:-$(git config core.sshCommand'
    ' || echo "${GIT_SSH:-ssh}")} -o BatchMode=yes -o ConnectTimeout=15 \\"\\$@\\""; }; ops_ssh',
}


def git_command(words: Argv, cwd: str, seconds: int = 0, *, remote: bool = False) -> Command:
    """Return git with these words under our configuration; a person reads the words alone."""
    env = GIT_ENV if remote else {}
    return Command((*GIT, *words), cwd, env, seconds, shown=("git", *words))


def tip_in(printed: str, ref: str) -> str:
    """Return where a ref of exactly this name is, of what `ls-remote` printed; empty for none.

    It also names refs that only end like the one that was asked for.
    """
    pairs = (line.partition("\t") for line in printed.split("\n"))
    return next((revision for revision, _, name in pairs if name == ref), "")
