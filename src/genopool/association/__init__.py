"""From genotype counts and reported estimates to log odds ratios, study by study."""
