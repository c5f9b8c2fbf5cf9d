"""What runs inside the sandbox, beside the code of the document."""
