"""What the product costs, beside the plain way of doing the same, on one machine in one run."""
