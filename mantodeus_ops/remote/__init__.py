"""One machine: connections, programs run there, jobs, transfers."""
