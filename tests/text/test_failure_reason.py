"""The reason of a failure is chosen by what a line is; logs of real programs are the table."""

import time

import pytest

from mantodeus_ops.text.failure_reason import reason_in

NPM_RESOLVE = """\
npm warn using --force Recommended protections disabled.
npm error code ERESOLVE
npm error ERESOLVE could not resolve
npm error
npm error While resolving: react-scripts@5.0.1
npm error A complete log of this run can be found in: /home/me/.npm/_logs/debug-0.log
"""
NPM_404 = """\
npm ERR! code E404
npm ERR! 404 Not Found - GET https://r.org/nothing - Not found
npm ERR! 404
npm ERR! A complete log of this run can be found in:
npm ERR!     /home/me/.npm/_logs/2025-debug-0.log
"""
NPM_CI = """\
npm error code EUSAGE
npm error
npm error `npm ci` can only install packages when package.json and the lockfile are in sync.
npm error
npm error Missing: left-pad@1.3.0 from lock file
npm error
npm error Usage:
npm error npm ci
npm error
npm error Run "npm help ci" for more info
npm error A complete log of this run can be found in: /home/me/.npm/_logs/debug-0.log
"""
NPM_SCRIPT = """\
npm error code 1
npm error path /srv/app/node_modules/sharp
npm error command failed
npm error command sh -c node install.js
npm error sharp: Installation error: connect ECONNREFUSED 127.0.0.1:443
npm error A complete log of this run can be found in: /x
"""
GIT_KEY = """\
Cloning into '/srv/app'...
git@github.com: Permission denied (publickey).
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
"""
GIT_HOST = """\
No ED25519 host key is known for github.com and you have requested strict checking.
Host key verification failed.
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
"""
PORT = """\
node:events:497
      throw er; // Unhandled 'error' event
      ^

Error: listen EADDRINUSE: address already in use :::3000
    at Server.setupListenHandle [as _listen2] (node:net:1817:16)
Emitted 'error' event on Server instance at:
    at emitErrorNT (node:net:1796:8) {
  code: 'EADDRINUSE',
  errno: -98,
  syscall: 'listen',
  address: '::',
  port: 3000
}

Node.js v20.11.0
"""
FIELDS = """\
listening on 3000
Error: connect ECONNREFUSED 127.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16) {
  errno: -111,
  code: 'ECONNREFUSED',
  port: 5432
}
"""
STAMPED = """\
2025-11-29T10:00:00: TypeError: Cannot read properties of undefined (reading 'id')
2025-11-29T10:00:00:     at handler (/srv/app/dist/index.js:3:9) {
2025-11-29T10:00:00:   [cause]: Error: no user
2025-11-29T10:00:00: }
"""
TYPES = """\
> app@1.0.0 build
> tsc

src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
npm error Lifecycle script `build` failed with error:
npm error code 2
npm error path /srv/app
"""
YARN = """\
$ vite build
error during build:
RollupError: Could not resolve "./nothing" from "src/main.js"
    at getRollupError (file:///x.js:1:1)
error Command failed with exit code 1.
info Visit https://yarnpkg.com/en/docs/cli/run for documentation about this command.
"""


NPM_BUILD = """\
npm ERR! code ELIFECYCLE
npm ERR! errno 1
npm ERR! shop@1.0.0 build: `vite build`
npm ERR! Exit status 1
"""


PNPM_FROZEN = """\
Scope: all 3 workspace projects
 ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with frozen-lockfile

  Failure reason:
* 1 dependencies are mismatched:
  - ms (lockfile: 2.1.3, manifest: 2.1.2)
"""
YARN_FROZEN = """\
➤ YN0000: ┌ Post-resolution validation
➤ YN0028: │ -  linkType: hard
➤ YN0028: │ The lockfile would have been modified by this install
➤ YN0000: └ Completed
➤ YN0000: · Failed with errors in 0s 64ms
"""
BUN_FROZEN = """\
bun install v1.4.5 (a7733435c)
error: lockfile had changes, but lockfile is frozen
note: try re-running without --frozen-lockfile and commit the updated lockfile
"""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (NPM_RESOLVE, "npm error code ERESOLVE: could not resolve"),
        (PNPM_FROZEN, "ERR_PNPM_OUTDATED_LOCKFILE Cannot install with frozen-lockfile"),
        (YARN_FROZEN, "YN0028: The lockfile would have been modified by this install"),
        (BUN_FROZEN, "error: lockfile had changes, but lockfile is frozen"),
        (
            NPM_404,
            "npm ERR! code E404: 404 Not Found - GET https://r.org/nothing - Not found",
        ),
        (
            NPM_CI,
            f"npm error code EUSAGE: {NPM_CI.splitlines()[2].removeprefix('npm error ')}",
        ),
        (
            NPM_SCRIPT,
            "npm error code 1: sharp: Installation error: connect ECONNREFUSED 127.0.0.1:443",
        ),
        (NPM_BUILD, "npm ERR! code ELIFECYCLE: shop@1.0.0 build: `vite build`"),
        ("npm ERR! missing script: build\n", "npm ERR! missing script: build"),
        (GIT_KEY, "git@github.com: Permission denied (publickey)."),
        (GIT_HOST, "Host key verification failed."),
        (
            "remote: Repository not found.\nfatal: repository 'https://x/y.git/' not found\n",
            "fatal: repository 'https://x/y.git/' not found",
        ),
        (PORT, "Error: listen EADDRINUSE: address already in use :::3000"),
        (FIELDS, "Error: connect ECONNREFUSED 127.0.0.1:5432"),
        (
            STAMPED,
            "TypeError: Cannot read properties of undefined (reading 'id')",
        ),
        (
            TYPES,
            "src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
        ),
        (YARN, 'RollupError: Could not resolve "./nothing" from "src/main.js"'),
        ("Error: first\nError: second\n  code: 1\n}\n", "Error: second"),
        ("MyError [E_BAD]: no\n    at x {\n  code: 1\n}\n", "MyError [E_BAD]: no"),
        ("Error: no {\n  code: 1\n}\n", "Error: no"),
        ("sh: 1: tsc: not found\n", "sh: 1: tsc: not found"),
        ("bash: vite: command not found\nbuild done\n", "bash: vite: command not found"),
        ("compiling\nmake: *** [all] Error 2\n", "make: *** [all] Error 2"),
        ("cc: error: x.c: No such file\nmake: *** [all] Error 1\n", "cc: error: x.c: No such file"),
        ("$ npm run migrate\n", ""),
        ("one\ntwo\n\n", "two"),
        ("0 errors\nall is well\n", "all is well"),
        ("errors: 0\nbye\n", "bye"),
        ("it ends here", "it ends here"),
        ("}\n", ""),
        ("\n \r\n", ""),
        ("", ""),
        ("Error: one\u2028two\x1b[2J\n", "Error: one two"),
        ("a\x85Error: no line of its own\n", "a Error: no line of its own"),
    ],
)
def test_the_reason_is_the_first_line_of_the_last_error(said: str, reason: str):
    assert reason_in(said) == reason


def test_a_reason_is_bounded():
    assert len(reason_in("Error: " + "x" * 10_000)) == 400


@pytest.mark.parametrize(
    "line", ["a: " * 5000, "1" * 16_000, "[" * 16_000, "E" * 16_000, "x." * 8000]
)
def test_a_strange_line_costs_no_time(line: str):
    began = time.process_time()
    reason_in(line)
    assert time.process_time() - began < 2
