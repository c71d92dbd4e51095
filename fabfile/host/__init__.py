"""The only door to a machine: connections, runners, jobs, the inventory's executor, @task."""
