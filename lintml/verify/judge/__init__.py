"""What runs outside the sandbox, asks, and believes nothing that it cannot check."""
