"""The words of the program as frozen values: one noun a file, no I/O anywhere below."""
