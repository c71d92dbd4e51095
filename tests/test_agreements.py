"""What Python and the programs for hosts must agree on, compared."""

import json
import re
import subprocess

from mantodeus_ops.backup import transfer_rules
from mantodeus_ops.git import git
from mantodeus_ops.lockfiles import MANAGER_OF
from mantodeus_ops.remote import programs
from mantodeus_ops.rollback import rollback
from tests.support.house import HOUSE, MODULES, PROGRAMS


def source(name):
    """Return the text of a program for hosts."""
    return (HOUSE / name).read_text()


def listed(name, constant):
    """Return the texts of a list that a module for hosts assigns to a constant."""
    found = re.search(rf"const {constant} = \[(.*?)\];", source(name), re.DOTALL)
    return re.findall(r"'([^']+)'", found[1])


def test_both_know_the_same_lockfiles():
    assert listed("remote/scripts/files.js", "LOCKFILES") == list(MANAGER_OF)


def test_both_run_git_with_the_same_settings():
    assert listed("git/scripts/git.js", "GIT_SETTINGS") == list(git.SETTINGS)


def test_both_reach_a_remote_of_git_by_the_same_ssh_command():
    function = re.search(
        r"^function remoteEnv.*?^}$", source("git/scripts/git.js"), re.DOTALL | re.MULTILINE
    )
    code = f"process.env = {{}};\n{function[0]}\nconsole.log(JSON.stringify(remoteEnv(15)));"
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == git.GIT_ENV


def test_the_beginning_of_a_program_ends_with_the_codes_that_are_known():
    prelude, fence = (
        source("remote/scripts/prelude.sh"),
        source("transaction/scripts/check_lock.sh"),
    )
    codes = {int(code) for code in re.findall(r"exit (9[0-9])\b", prelude + fence)}
    assert codes == {programs._NO_NODE, programs._ROOT, programs._NOT_OURS}
    for word, code, text in (
        ("ops:no-node", programs._NO_NODE, prelude),
        ("ops:root", programs._ROOT, prelude),
        ("ops:not-ours", programs._NOT_OURS, fence),
    ):
        assert re.search(rf"{word}.*?exit {code}\b", text, re.DOTALL)


def test_a_refusal_ends_a_program_with_the_code_that_a_rollback_knows():
    codes = re.search(
        r"const \[FAILED, REFUSED\] = \[(\d+), (\d+)\];", source("remote/scripts/errors.js")
    )
    assert int(codes[2]) == rollback._DAMAGED
    assert "process.exit(refused ? REFUSED : FAILED)" in source("remote/scripts/run_program.js")


def test_both_know_the_name_of_a_backup_by_the_same_pattern():
    (pattern,) = re.findall(r"const NAME = /\^(.*)\$/;", source("backup/scripts/manifest.js"))
    assert pattern.replace(r"\d", "[0-9]") == transfer_rules._NAME.pattern


def test_each_path_in_deploy_that_python_names_is_one_of_the_programs_too():
    words = r"\.deploy/([a-z][a-z_.]*[a-z])"
    named = {name for path in MODULES for name in re.findall(words, path.read_text())}
    theirs = {
        name
        for path in PROGRAMS
        for name in re.findall(rf"{words}|inDeploy\('([a-z_.]+)'", path.read_text())
        for name in name
    }
    assert named - theirs == {"webhook.db"}  # made by the receiver, which is Python on the host
