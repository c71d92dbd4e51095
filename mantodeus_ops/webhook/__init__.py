"""Push to deploy: the receiver, its installation and its status."""
