"""Arguments and inputs for code that nobody calls, from its contract, its text and its errors."""
