"""Faults of the product that the harness found: what was wrong, and the test that holds it now."""

# What is not mended.
OPEN: tuple[str, ...] = ()
# What it reported and what was none: its own expectation was mended.
ALARMS = (
    "of many people who wait, one finds no rollback to undo any more: somebody was there first",
    ".deploy/modules.json was not known to the question of what is left: it is the product's own",
    "after a rollback that was undone there is no rollback to undo, and --undo says so",
    "a version that only was moved aside, and is in no backup, comes back with the .env of now",
)
FOUND = (
    (
        (
            "a job whose work could not open the named pipe to its filter was waited for until its"
            " time was over"
        ),
        "tests/remote/test_job_begins.py",
    ),
    (
        (
            "a state with a lockfile that a rollback had left was not known to be good any more, as"
            " it had been moved aside, and no later rollback went there by itself"
        ),
        "tests/backup/test_create.py",
    ),
    (
        (
            "a client that went together with its network kept the lock until the host's sshd found"
            " out, by its ClientAliveInterval or by TCP's two hours: the next command ended with 4"
        ),
        "tests/transaction/test_silent_connection.py",
    ),
    (
        (
            "a client whose line was down while somebody else took the lock and gave it back"
            " went on with what it had seen before"
        ),
        "tests/transaction/test_silent_connection.py",
    ),
    (
        (
            "a line that dropped was taken for a program that was killed, and not mended, in the"
            " moment between paramiko's closing of the channels and its knowing of the drop"
        ),
        "tests/remote/ssh/test_channel.py",
    ),
    (
        (
            "a line that dropped just when a job was started to run beside another ended the"
            " command as a mistake of the tool"
        ),
        "tests/remote/test_job_begins.py",
    ),
    (
        "a keeper whose line was cut stayed for 20 s when its record was replaced twice meanwhile",
        "tests/transaction/test_lock_holder.py",
    ),
    (
        "a job that could not write who it is ran all the same, and the lock did not wait for it",
        "tests/remote/test_job_begins.py",
    ),
    (
        "a git killed while it made the stage left its lock, and every later deploy failed",
        "tests/deploy/test_stage_cut_off.py",
    ),
    (
        "a git killed in a certain moment of making the stage made every later fetch fail",
        "tests/app/test_git_locks.py",
    ),
    (
        "a git that was killed in a fetch or checkout left locks, and every later one failed",
        "tests/app/test_git_locks.py",
    ),
    (
        "a git killed in a look was taken for one that knows nothing: a rollback left HEAD",
        "tests/app/test_git_killed.py",
    ),
    (
        "what a killed run was about to write stayed for ever beside the lock and the journal",
        "tests/transaction/test_tidy.py, tests/transaction/test_lock.py",
    ),
    (
        "a job killed before it began held up the sweeping for ten minutes, which was new here",
        "tests/transaction/test_tidy.py",
    ),
    (
        (
            "what a killed rollback had unpacked stayed lying while a job that was killed before it"
            " began was younger than 20 s"
        ),
        "tests/transaction/test_tidy.py, tests/remote/test_job_begins.py",
    ),
    (
        "a PM2 that was killed in a reload kept the next command waiting for up to 30 s",
        "tests/app/test_lifecycle.py",
    ),
    (
        "what a killed process had half written stayed beside the lock until it was buried",
        "tests/transaction/test_tidy.py",
    ),
    (
        "an unpacked backup, or a new .env, stayed lying when its commit could not be begun",
        "tests/transaction/test_tidy.py",
    ),
)
