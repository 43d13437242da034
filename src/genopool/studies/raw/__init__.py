"""From a file to a table of text: what it is encoded in, its cells, its header and its rows."""
