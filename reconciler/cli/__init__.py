"""The command line: the only part of the package that prints. Results go to standard output, logs to standard error."""
