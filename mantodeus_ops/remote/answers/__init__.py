"""What programs on a host answer, decoded strictly at the border."""
