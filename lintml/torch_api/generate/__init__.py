"""The tool that reads a library without importing it and writes its table of names."""
