"""The command line: the only part of the package that prints. Standard output is for results, standard error for logs."""
