"""Refusals about the app: its install, its build, and how PM2 starts it."""

from __future__ import annotations

from collections.abc import Mapping

from mantodeus_ops.remote.answers.message_template import Message

_ANEW = "deploy --force-install"

APP_REFUSALS: Mapping[str, Message] = {
    "stage-file-missing": Message(
        "{name}, named by stage_files, does not exist in {project}", "ls -l {project}"
    ),
    "made-too-many": Message(
        "install and build made {count:d} paths beside files of git, and {most:d} can be swapped",
        "set build_outputs in the inventory to the folders that the build writes",
    ),
    "made-over-data": Message(
        "the build makes {name}, which exists in {project} and is no part of the live version",
        "set shared_paths in the inventory if it is data of the app, else move it away",
    ),
    "copy-failed": Message("cp failed (exit {ended:d}): {why:r}", "df -h {project}"),
    "modules-written": Message(
        "the build changed installed files that the live app uses (the newest is {newest})",
        _ANEW,
    ),
    "install-not-known": Message(
        "what the install of the live version made is no longer complete", _ANEW
    ),
    "install-incomplete": Message(
        "npm reported success, but {broken:d} of {wanted:d} packages are incomplete ({names})",
        _ANEW,
    ),
    "packages-unreadable": Message("{broken:d} packages cannot be read ({names})", _ANEW),
    "pm2-silent": Message(
        "the PM2 daemon (process {pid:d}) does not answer", "kill -9 {pid:d}; pm2 resurrect"
    ),
    "pm2-not-listed": Message("PM2 did not list its processes: {why}", "pm2 update"),
    "pm2-app-elsewhere": Message(
        "PM2's app {name} runs in {cwd}, not in {project}",
        "set pm2_name in the inventory  # or pm2 delete {name:w}, if it is not needed there",
    ),
    "pm2-app-unknown": Message(
        "PM2 knows no app named {app}, so its logs cannot be found", "status"
    ),
    "log-app-unknown": Message(
        "the live version has no app named {name}; its apps: {names}", "logs --app {app:w}"
    ),
    "ecosystem-not-loaded": Message(
        "PM2 cannot load {file}: {why:r}", "node -e \"require('./{file:w}')\""
    ),
    "ecosystem-in-module": Message(
        "PM2 cannot load {file}: {why:r} (package.json says that .js files are ES modules)",
        "git mv {file:w} {to:w}",
    ),
    "ecosystem-is-module": Message(
        "PM2 cannot load {file}: it is an ES module, and PM2 reads module.exports;"
        " start_command in the inventory starts the app without the file",
        "sed 's/^export default/module.exports =/' {file:w} >{to:w} && git rm -q {file:w}",
    ),
    "ecosystem-exports": Message(
        "PM2 cannot load {file}: it has the syntax of an ES module, and PM2 reads module.exports;"
        " start_command in the inventory starts the app without the file",
        "sed -i 's/^export default/module.exports =/' {file:w}",
    ),
    "ecosystem-imports": Message(
        "PM2 cannot load {file}: it is an ES module with imports, and PM2 reads CommonJS",
        "set start_command in the inventory  # starts the app without the file",
    ),
    "start-not-kept": Message(
        "how this version of the app was started by hand is no longer known",
        "deploy",
    ),
    "submodules-not-filled": Message(
        "git cannot fetch a submodule of the revision: {why:r}",
        "git config --file {project}/.gitmodules --list",
    ),
    "lfs-pointers-left": Message(
        "git left {count:d} files in Git LFS as pointers, {name} among them",
        "git lfs install --force --skip-repo",
    ),
    "pm2-name-for-several": Message(
        "pm2_name is {name}, and the ecosystem file has {count:d} apps: each needs a name",
        "set pm2_name in the inventory, as docs/starting.md has it for several apps",
    ),
    "output-missing": Message(
        "the build left no {name}, which build_outputs names; it made {made}",
        "set build_outputs in the inventory to what the build makes",
    ),
    "start-script-missing": Message(
        "PM2 is to start {script} for {app}, which does not exist after the build; it made {made}",
        "set start_command or ecosystem in the inventory",
    ),
    "start-script-left-out": Message(
        "PM2 is to start {script} for {app}, which the build makes and build_outputs leaves out;"
        " the build made {made}",
        "set build_outputs in the inventory",
    ),
    "ecosystem-app-missing": Message(
        "{file} must name one app {app}, and names {count}; its apps: {names}",
        "set app or ecosystem in the inventory",
    ),
    "boot-unhealthy": Message("the staged build did not become healthy: {why}"),
    "boot-failed": Message("the staged build did not become healthy: {why} ({said:r})"),
    "boot-slow": Message(
        "the staged build did not become healthy within {seconds:d} s: {why} ({said:r})",
        "set health.timeout in the inventory if it needs longer",
    ),
    "boot-silent": Message(
        "the staged build did not become healthy within {seconds:d} s and wrote nothing: {why}",
        "set health.timeout in the inventory if it needs longer",
    ),
    "boot-asked-wrongly": Message(
        "the staged build runs and is healthy at {path}, but not where health_url asks: {why}",
        "set health_url in the inventory",
    ),
    "boot-not-forwarded": Message(
        "the staged build only answers requests that a proxy forwarded from https: {why}",
        'set health.headers.X-Forwarded-Proto = "https" in the inventory',
    ),
    "boot-socket-fixed": Message(
        "no variable of .env or of the ecosystem file holds {socket}, so the build cannot be tried"
        " beside the live app",
        "set boot_test = false in the inventory",
    ),
    "boot-port-not-taken": Message(
        "the staged build did not become healthy: {why} ({said:r}); the app does not take its port"
        " from PORT, so it cannot be tried beside the live one",
        "set boot_test = false in the inventory",
    ),
}
