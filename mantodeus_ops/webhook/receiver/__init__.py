"""The receiver on the host: stores GitHub's deliveries and deploys them one at a time."""
