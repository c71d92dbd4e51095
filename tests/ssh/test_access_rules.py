"""Modes that let other accounts in, and the chmod that each of them is told with."""

import pytest

from mantodeus_ops.ssh.access_rules import Access, access_findings

OPEN = [
    (Access("pm2", "/h/.pm2", 0o755, alone=True), "chmod 700 /h/.pm2"),
    (Access("pm2", "/h/.pm2", 0o710, alone=True), "chmod 700 /h/.pm2"),
    (Access("socket", "/h/.pm2/rpc.sock", 0o775, alone=True), "chmod 700 /h/.pm2"),
    (Access("socket", "/h/.pm2/pub.sock", 0o702), "chmod 700 /h/.pm2"),
    (Access("env", "/srv/app/.env", 0o644, alone=True), "chmod 600 /srv/app/.env"),
    (Access("ssh", "/h/.ssh", 0o770, alone=True), "chmod go-w /h/.ssh"),
    (Access("folder", "/srv/a b", 0o777, alone=True), "chmod go-w '/srv/a b'"),
    (Access("folder", "/srv", 0o775), "chmod go-w /srv"),
    (Access("ours", "/srv/app/backups", 0o777, alone=True), "chmod 700 /srv/app/backups"),
    (Access("ours", "/srv/backups/b.json", 0o644, alone=True), "chmod 600 /srv/backups/b.json"),
]
CLOSED = [
    Access("pm2", "/h/.pm2", 0o700),
    Access("socket", "/h/.pm2/rpc.sock", 0o755),  # to connect takes the right to write
    Access("env", "/srv/app/.env", 0o600),
    Access("ssh", "/h/.ssh", 0o755),
    Access("folder", "/srv", 0o755),
    Access("folder", "/shared", 0o1777),
    Access("folder", "/srv/app", 0o775, alone=True),
    Access("ours", "/srv/app/.deploy", 0o700),
]


@pytest.mark.parametrize(("place", "mends"), OPEN)
def test_a_mode_that_lets_others_in_is_told_with_its_chmod(place, mends):
    (found,) = access_findings([place])
    assert (found.hint, found.stops) == (mends, True)
    assert place.path in found.text
    assert f"(mode {place.mode:o})" in found.text
    assert [one.hint for one in access_findings([place], "ssh web ")] == [f"ssh web {mends}"]


@pytest.mark.parametrize("place", CLOSED)
def test_a_mode_that_lets_nobody_in_is_no_finding(place):
    assert list(access_findings([place])) == []


@pytest.mark.parametrize(
    ("home", "mode", "open_to"),
    [
        (0o700, 0o777, False),
        (0o750, 0o775, True),
        (0o750, 0o757, False),
        (0o701, 0o775, False),
        (0o701, 0o777, True),
        (0o755, 0o755, False),
    ],
)
def test_a_socket_counts_only_where_its_folder_can_be_entered(home, mode, open_to):
    places = [Access("pm2", "/h/.pm2", home), Access("socket", "/h/.pm2/rpc.sock", mode)]
    found = [one for one in access_findings(places) if "rpc.sock" in one.text]
    assert bool(found) is open_to
