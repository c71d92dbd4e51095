"""The command line: tasks, options, help pages, the executor."""
