"""What lintml believes of torch, as tables, so that torch itself is not needed."""
