"""Installs that go wrong: what is incomplete never reaches the live app."""

from __future__ import annotations

import pytest

from tests.e2e.world import World

SHORT = """
"$REAL" "$@" || exit
[ "$1" != ci ] || truncate -s 10 node_modules/zod/index.cjs
"""
KILLED = """
[ "$1" = ci ] || exec "$REAL" "$@"
"$REAL" "$@" &
sleep 0.7
kill -9 $!
wait $!
"""


@pytest.mark.parametrize(("npm", "said"), [(SHORT, "zod"), (KILLED, "install")])
def test_an_install_that_ended_in_the_middle_is_noticed(world: World, npm, said):
    before, pid = world.machine.page(), world.machine.health()["pid"]
    revision = world.release()
    with world.shims(npm=npm):
        answer = world.run("deploy", "--force-install", code=1)
    assert said in answer.error
    assert world.serves(before)
    assert world.machine.health()["pid"] == pid
    world.run("deploy", "--force-install")
    assert world.serves(revision)
    assert (world.project / "node_modules/zod/index.cjs").stat().st_size > 10
