"""The commands of the command line, a module each, loaded when one is asked for."""
