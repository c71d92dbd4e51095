"""What every change does: the lock, steps, activation, recovery, failure reports."""
