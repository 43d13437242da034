"""The figures of the diagnostics, each of one effect allele and, mostly, one model."""
