"""The diagnostics of every pooled result of a locus, as tables."""
