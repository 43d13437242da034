"""The small command line: `genopool check`, `genopool new-table`, `genopool simulate`."""
