"""An empty host becomes one that runs the app, also after a reboot."""

from __future__ import annotations

from stat import S_IMODE

from tests.e2e.world import World

EXAMPLE = """\
# where it listens
PORT=
DATABASE_URL=mysql://user:password@localhost/app
JWT_SECRET=changeme
"""


def test_an_empty_host_is_set_up_in_two_steps_around_its_env(empty: World):
    revision = empty.release({".env.example": EXAMPLE})
    error = empty.run("deploy.setup", code=1).error
    assert all(word in error for word in (".env", "PORT", "DATABASE_URL", "JWT_SECRET"))
    assert "env.set PORT" in error
    assert S_IMODE((empty.project / ".env").stat().st_mode) == 0o600
    assert not empty.machine.health()
    values = {"PORT": str(empty.machine.port), **empty.machine.secrets}
    for name, value in values.items():
        assert empty.run("env.set", name, stdin=value).row["process"] == "not running"
    row = empty.run("deploy.setup").row
    assert (row["status"], row["revision"]) == ("success", revision)
    assert empty.serves(revision)
    assert S_IMODE((empty.machine.pm2_home / "dump.pm2").stat().st_mode) == 0o600
    assert_starts_at_reboot(empty)
    assert empty.run("deploy.setup").row["status"] == "unchanged"
    assert_starts_at_reboot(empty)
    assert empty.git("status", "--porcelain") == ""


def assert_starts_at_reboot(world: World) -> None:
    """Insist on exactly one line in the crontab, which finds this PM2."""
    [line] = world.crontab.read_text().splitlines()
    assert line.startswith("@reboot ")
    assert f"PM2_HOME='{world.machine.pm2_home}'" in line
    assert " resurrect " in line


def test_a_deploy_to_an_empty_host_says_what_to_do_first(empty: World):
    row = empty.run("deploy", code=1).row
    assert "deploy.setup" in row["hint"]


def test_the_crontab_of_the_account_keeps_its_other_lines(empty: World):
    empty.crontab.write_text("0 3 * * * backup-my-mail\n")
    empty.machine.write_env()
    empty.run("deploy.setup")
    mail, reboot = empty.crontab.read_text().splitlines()
    assert mail == "0 3 * * * backup-my-mail"
    assert reboot.startswith("@reboot ")
