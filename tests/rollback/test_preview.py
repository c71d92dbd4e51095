from mantodeus_ops.rollback.candidates import RollbackTarget
from mantodeus_ops.rollback.choose import RollbackCandidate
from mantodeus_ops.rollback.preview import preview_rollback
from tests.support.fake_host import Heard, host_at

SOURCES = {"dist": "restore", "node_modules": "previous/r1"}


def previewed(tmp_path, checkout, **changes):
    """Return the commands that are shown, without the folder in which they run."""
    heard = Heard()
    target = RollbackTarget("backup-1", paths=tuple(SOURCES))
    choice = RollbackCandidate(target, {}, dict(SOURCES), **changes)
    host = host_at(tmp_path, heard=heard)
    preview_rollback(host, choice, run="r2", checkout=checkout, apps=("web", "jobs"))
    return [command.partition(" && ")[2] or command for command in heard.commands]


def test_the_commands_are_shown_in_the_order_in_which_they_run(tmp_path):
    assert previewed(tmp_path, ["checkout", "x"], removed=("pages",)) == [
        "tar -xzf backups/backup-1.tar.gz -C .deploy/restore dist",
        "mv dist .deploy/previous/r2/dist",
        "mv .deploy/restore/dist dist",
        "mv node_modules .deploy/previous/r2/node_modules",
        "mv .deploy/previous/r1/node_modules node_modules",
        "mv pages .deploy/previous/r2/pages",
        "git checkout x",
        "pm2 reload web jobs",
    ]


def test_a_work_tree_that_stays_is_not_moved(tmp_path):
    assert not [line for line in previewed(tmp_path, None) if line.startswith("git")]
