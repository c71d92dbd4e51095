"""The command line: tasks, options, help pages and the executor."""
