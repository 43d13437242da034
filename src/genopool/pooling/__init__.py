"""Pooling odds ratios: tau², inverse variance, Mantel-Haenszel, Peto, one-stage models, Bayes."""
