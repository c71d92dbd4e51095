"""Faults of the product that the harness found: what was wrong, and the test that holds it now."""

# Known faults that are not fixed yet.
OPEN: tuple[str, ...] = ()
# Reports that were wrong: the check of the harness was fixed.
ALARMS = (
    "when several operators wait, one finds no rollback to undo any more: another one was first",
    ".deploy/modules.json was unknown to the check for leftovers: it belongs to the product",
    "after an undone rollback there is no rollback to undo, and --undo says so",
    "a version that was only moved aside, and is in no backup, returns with the current .env",
)
FOUND = (
    (
        (
            "a job that could not open the named pipe to its filter was waited for until "
            "its time limit"
        ),
        "tests/remote/test_job_begins.py",
    ),
    (
        (
            "a state with a lockfile that a rollback had left, and that was moved aside, "
            "was no longer known to be good, and no later rollback selected it"
        ),
        "tests/backup/test_create.py",
    ),
    (
        (
            "a client that vanished with its network kept the lock until the host's sshd "
            "noticed, by its ClientAliveInterval or TCP's two hours: the next command "
            "exited with 4"
        ),
        "tests/transaction/test_silent_connection.py",
    ),
    (
        (
            "a client that was disconnected while another one took and released the lock "
            "went on with outdated facts"
        ),
        "tests/transaction/test_silent_connection.py",
    ),
    (
        (
            "a dropped connection was reported as a killed program, and not reconnected, "
            "in the moment between paramiko's closing of the channels and its detection "
            "of the drop"
        ),
        "tests/remote/ssh/test_channel.py",
    ),
    (
        (
            "a connection that dropped while a job was started beside another ended the "
            "command as an internal error"
        ),
        "tests/remote/test_job_begins.py",
    ),
    (
        (
            "a lock holder with a cut connection stayed for 20 s if its record was "
            "replaced twice meanwhile"
        ),
        "tests/transaction/test_lock_holder.py",
    ),
    (
        (
            "a job that could not record its process ran all the same, and the lock did "
            "not wait for it"
        ),
        "tests/remote/test_job_begins.py",
    ),
    (
        "a git killed while it made the stage left its lock, and every later deploy failed",
        "tests/deploy/test_stage_cut_off.py",
    ),
    (
        "a git killed at one moment of making the stage made every later fetch fail",
        "tests/git/test_git_locks.py",
    ),
    (
        "a git killed in a fetch or checkout left locks, and every later one failed",
        "tests/git/test_git_locks.py",
    ),
    (
        "a git killed while facts were gathered counted as an empty answer: a rollback left HEAD",
        "tests/git/test_git_killed.py",
    ),
    (
        "temporary files of a killed run stayed for ever beside the lock and the journal",
        "tests/transaction/test_tidy.py, tests/transaction/test_lock.py",
    ),
    (
        "a job killed before it began delayed the cleanup for ten minutes",
        "tests/transaction/test_tidy.py",
    ),
    (
        (
            "files that a killed rollback had unpacked stayed while a job that was killed "
            "before it began was younger than 20 s"
        ),
        "tests/transaction/test_tidy.py, tests/remote/test_job_begins.py",
    ),
    (
        "a PM2 killed in a reload kept the next command waiting for up to 30 s",
        "tests/pm2/test_lifecycle.py",
    ),
    (
        (
            "a half-written file of a killed process stayed beside the lock until the "
            "lock was cleaned up"
        ),
        "tests/transaction/test_tidy.py",
    ),
    (
        "an unpacked backup, or a new .env, stayed if its activation could not begin",
        "tests/transaction/test_tidy.py",
    ),
)
