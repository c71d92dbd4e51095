"""A clock that is set while a program of the host works: what waits goes by another one."""

from __future__ import annotations

import json

import pytest

from tests.support.project_dir import Project, need, tools

YEAR = 365 * 86400
# The clock is set after the first question; a program that waits for ever says so.
WAITED = """
const real = Date.now;
let answers = 0;
const server = http.createServer((request, response) => {
  Date.now = () => real() + params.step * 1000;
  answers += 1;
  response.writeHead(params.status);
  response.end('seen');
});
const worker = { id: 0, pid: process.pid, status: 'online', restarts: 0, up_since: now(), cwd: '' };
Object.assign(worker, { autorestart: true, stop_codes: [] });
server.listen(0, '127.0.0.1', async () => {
  params.health_url = `http://127.0.0.1:${server.address().port}/`;
  setTimeout(() => process.exit(7), 20000).unref();
  const began = monotonic();
  const seen = await waitHealthy(async () => ({ workers: [worker] }), params.health);
  const took = monotonic() - began;
  reply({ healthy: seen.healthy, took, answers });
  process.exit(0);
});
"""
POLICY = {"wait": 0.7, "retries": 1, "delay": 0.5, "body": ""}


@pytest.mark.parametrize("step", [-2 * 3600, -YEAR, YEAR])
@pytest.mark.parametrize(("status", "healthy"), [(200, True), (500, False)])
def test_a_wait_for_health_ends_in_its_time_when_the_clock_is_set(tmp_path, step, status, healthy):
    need("node")
    told = {"app": "manager", "health": POLICY, "step": step, "status": status}
    done = Project(tmp_path).run("health/health", after=WAITED, **told)
    assert done.code == 0, "it waits by a clock that was set back"
    seen = json.loads(done.out)
    assert seen["healthy"] is healthy
    assert seen["answers"] > 1
    assert seen["took"] >= (0.5 if healthy else 1.2)


def test_an_app_that_never_stands_still_is_decided_about_in_the_end(tmp_path):
    need("node")
    flapping = """
    const young = { id: 0, pid: process.pid, status: 'online', restarts: 0, cwd: '' };
    const list = async () => ({ workers: [{ ...young, autorestart: true, stop_codes: [] }] });
    ageOfProcess = () => 0.1;
    check = async () => ({ healthy: true, reason: '' });
    sleep = async () => {};
    let turns = 0;
    monotonic = () => (turns += 1);
    waitHealthy(list, params.health).then((seen) => {
      reply({ healthy: seen.healthy, reason: seen.reason });
      process.exit(0);
    });
    """
    # The parts of a program are constants: for this one they may be replaced.
    project = Project(tmp_path)
    file = project.text("health/health", flapping)
    text = file.read_text().replace("const sleep =", "let sleep =")
    file.write_text(text.replace("const monotonic =", "let monotonic ="))
    project.text = lambda *_: file
    done = project.run(
        "health/health", app="manager", health=POLICY, health_url="http://127.0.0.1:9/"
    )
    seen = json.loads(done.out)
    assert seen["healthy"] is False
    assert "did not stand still" in seen["reason"]


def test_the_age_of_a_process_is_the_kernel_s(tmp_path):
    need("node")
    after = """
    const [before, real] = [ageOfProcess(process.pid), Date.now];
    Date.now = () => real() - 1e12;
    const entry = { pid: process.pid, pm_id: 0, pm2_env: { status: 'online', pm_uptime: real() } };
    const seen = summary(entry);
    reply({ before, after: seen.age, ahead: seen.since > now(), gone: ageOfProcess(0) });
    process.exit(0);
    """
    seen = json.loads(Project(tmp_path).run("pm2/pm2", after=after, app="manager").out)
    assert 0 < seen["before"] <= seen["after"] < 60
    assert (seen["ahead"], seen["gone"]) == (False, 0)


def test_a_program_that_does_not_end_when_its_time_is_up_is_ended(tmp_path):
    need("node", "bash", "mkfifo")
    after = """
    setTimeout(() => process.exit(7), 20000).unref();
    const stubborn = ['bash', '-c', 'trap "" TERM; while :; do sleep 0.1; done'];
    runFiltered(stubborn, { cwd: project }, 0.2 - DYING_SECONDS + 0.3).then(({ code }) => {
      fs.writeSync(1, `ended ${code}\\n`);
      process.exit(0);
    });
    """
    done = Project(tmp_path, tools(tmp_path / "bin", "bash", "sleep")).run(
        "redaction/output_filter", after=after
    )
    assert "ended null" in done.out


@pytest.mark.parametrize(("alone", "may"), [(1, False), (5, True)])
@pytest.mark.parametrize("step", [-YEAR, 0, YEAR])
def test_a_lock_whose_holder_is_gone_is_free_after_its_grace_by_any_clock(
    tmp_path, step, alone, may
):
    need("node")
    after = """
    const record = { kind: 'run', token: 'a', boot: bootId(), pid: process.pid };
    record.started = startedAt(process.pid);
    record.orphaned_at = now() - params.alone + params.step;
    record.orphaned_up = bootSeconds() - params.alone;
    reply({ may: mayTake(record, 'b'), shown: describe(record) });
    """
    done = Project(tmp_path).run("transaction/lock", after=after, step=step, alone=alone)
    seen = json.loads(done.out)
    assert seen["may"] is may
    assert "orphaned_up" not in seen["shown"]


@pytest.mark.parametrize(
    ("ahead", "age"), [(-100, 100), (3600, 0), (10 * 86400, None), (YEAR, None)]
)
def test_the_age_of_a_file_is_never_negative_and_none_of_one_that_lies_days_ahead(
    tmp_path, ahead, age
):
    need("node")
    after = """
    const file = path.join(project, 'file');
    fs.writeFileSync(file, '');
    fs.utimesSync(file, now() + params.ahead, now() + params.ahead);
    reply({ age: ageOf(file) });
    """
    seen = json.loads(Project(tmp_path).run("redaction/app_secrets", after=after, ahead=ahead).out)
    assert seen["age"] is None if age is None else age <= seen["age"] < age + 20
