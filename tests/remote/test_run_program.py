"""How a program for the host ends, by what its main returns or throws."""

import json

import pytest

from tests.support.project_dir import Project

FAILED, REFUSED = 93, 94
SECRET = "c4nary-5ecret-value"
REFUSAL = f"throw refuse('offsite-failed', {{ ended: '1', why: 'said {SECRET}' }});"


@pytest.fixture
def project(tmp_path):
    """Return an app whose .env holds a secret."""
    return Project(tmp_path).fill(**{".env": f"API_TOKEN={SECRET}\n"})


def end(project, main, job=""):
    """Return how a program ends that has this body of main."""
    after = f"runMain(async (given) => {{ {main} }});"
    return project.run("remote/run_program", after=after, job=job)


def answer(done):
    """Return the answer that a program printed."""
    return json.loads(done.out)


@pytest.mark.parametrize("job", ["", "test"])
def test_an_object_is_printed_as_the_answer(project, job):
    done = end(project, "return { dir: given.project_dir };", job)
    assert (done.code, answer(done)) == (0, {"dir": str(project.root)})


def test_a_secret_in_an_answer_is_named(project):
    assert answer(end(project, f"return {{ a: '{SECRET}' }};"))["secrets"] == [SECRET]


@pytest.mark.parametrize("code", [0, 1, 6, 143])
def test_an_exit_code_ends_the_process_at_once(project, code):
    done = end(project, f"setTimeout(() => {{}}, 60000); return {{ exit: {code} }};")
    assert (done.code, done.out) == (code, "")


def test_without_an_answer_the_process_ends_when_no_work_is_left(project):
    done = end(project, "setTimeout(() => print('last'), 50);")
    assert (done.code, done.out) == (0, "last\n")


def test_a_refusal_is_the_answer_of_a_program_outside_a_job(project):
    done = end(project, REFUSAL)
    told = answer(done)
    assert (done.code, told["code"], told["refused"]) == (REFUSED, "offsite-failed", True)
    assert told["secrets"] == [SECRET]


def test_a_refusal_of_a_job_is_its_result_and_in_its_log_without_secrets(project):
    done = end(project, REFUSAL, "test")
    assert (done.code, done.result["code"], done.result["refused"]) == (
        REFUSED,
        "offsite-failed",
        True,
    )
    assert done.result["facts"] == {"ended": "1", "why": "said [secret]"}
    assert done.out == "said [secret]\n"


def test_a_refusal_does_not_replace_a_result(project):
    done = end(project, f"leaveResult({{ done: 1 }}); {REFUSAL}", "test")
    assert (done.code, done.result) == (REFUSED, {"done": 1})


@pytest.mark.parametrize(
    "throws",
    [
        f"throw new Error('{SECRET}');",
        f"setTimeout(() => {{ throw new Error('{SECRET}'); }}); await sleep(60);",
        f"Promise.reject(new Error('{SECRET}')); await sleep(60);",
    ],
)
def test_any_other_error_fails_wherever_it_is_thrown(project, throws):
    done = end(project, throws)
    assert (done.code, answer(done)["code"]) == (FAILED, "program-failed")
    done = end(project, throws, "test")
    assert (done.code, done.result) == (FAILED, {})
    assert "Error: [secret]" in done.out
    assert SECRET not in done.out


def test_a_job_masks_the_known_secrets_where_env_cannot_be_read(project):
    closed = "fs.readFileSync = () => { throw Object.assign(new Error('x'), { code: 'EIO' }); };"
    change = "hiding(); fs.appendFileSync(path.join(project, '.env'), '#');"
    done = end(project, f"{change} {closed} {REFUSAL}", "test")
    assert (done.code, done.result["facts"]["why"]) == (REFUSED, "said [secret]")


def test_an_error_that_main_does_not_await_fails_a_packed_program(project):
    late = project.place / "late.cjs"
    late.write_text(f"setTimeout(() => {{ throw new Error('{SECRET}'); }}, 0);")
    done = project.run("monitor/watch", node=("--require", str(late)), app="x", seconds=9)
    assert done.code == FAILED
    assert "Error: [secret]" in done.out
