"""PM2 lets one reload run at a time for all of its apps: another one waits for its turn."""

import json

import pytest

from tests.scripts.project import Project

# A PM2 that says what it is told to, call after call, with the words of PM2 5 and 6.
BUSY = "[PM2][ERROR] Reload already in progress, please try again in 29 seconds or use --force"
PM2 = """#!/bin/bash
echo called >>{calls}
mapfile -t calls <{calls}
case ${{#calls[@]}} in
  [1-{busy}]) echo "{said}" >&2; exit 1 ;;
  *) echo "[PM2] [manager](0) {ends}"; exit {code} ;;
esac
"""
ASKED = "reloaded().then((done) => { reply({ code: done.code }); process.exit(0); }, fail);"


@pytest.mark.parametrize(("said", "code", "calls"), [(BUSY, 0, 3), (BUSY, 1, 3), ("no such", 1, 1)])
def test_a_reload_waits_while_another_app_is_reloaded(tmp_path, said, code, calls):
    project, counted, pm2 = Project(tmp_path), tmp_path / "calls", tmp_path / "pm2"
    pm2.write_text(PM2.format(calls=counted, busy=2, said=said, ends="ended", code=code))
    pm2.chmod(0o755)
    done = project.run("app", after=ASKED, app="manager", pm2=f"/bin/bash {pm2}")
    assert json.loads(done.out.splitlines()[-1]) == {"code": code}, done.out
    assert len(counted.read_text().splitlines()) == calls
