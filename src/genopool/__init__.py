"""Pooled odds ratios from genotype counts, with checks a statistician would sign.

The public names are imported when they are first used, so that `import genopool` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
_HOME = {
    "log_odds_ratio": "association.odds_ratios",
    "genotype_log_odds_ratio": "association.odds_ratios",
    "cochran_armitage": "association.additive",
    "logistic_trend": "association.dose",
    "linearity_test": "association.linearity",
    "hwe": "association.hardy_weinberg",
    "hwe_exact": "association.hardy_weinberg",
    "pool": "pooling.inverse_variance",
    "tau2_interval": "pooling.tau2_intervals",
    "i2_interval": "pooling.tau2_intervals",
    "h2_interval": "pooling.tau2_intervals",
    "between_strata": "pooling.between_strata",
    "mantel_haenszel": "pooling.mantel_haenszel",
    "peto": "pooling.peto",
    "conditional_exact": "pooling.exact",
    "glmm": "pooling.one_stage",
    "pool_bayes": "pooling.bayes",
    "model_effects": "association.genotype_models",
    "genotype_contrasts": "association.genotype_models",
    "bivariate_pool": "pooling.bivariate",
    "model_free": "pooling.model_free",
    "z_correlation": "pooling.multiplicity",
    "adjusted_p_values": "pooling.multiplicity",
    "hwe_departure": "association.departure",
    "pool_inbreeding": "association.departure",
    "hwe_multiallelic": "association.multiallelic_equilibrium",
    "equilibrium_log_odds_ratio": "association.equilibrium_odds_ratio",
    "equilibrium_effect": "diagnostics.equilibrium_effect",
    "benjamini_hochberg": "diagnostics.multiple_loci",
    "across_loci": "diagnostics.multiple_loci",
    "false_positive_report": "diagnostics.false_positives",
    "bayesian_false_discovery": "diagnostics.false_positives",
    "p_value_function": "diagnostics.p_value_function",
    "power_of_pool": "diagnostics.power",
    "required_information": "diagnostics.power",
    "sequential_boundaries": "diagnostics.sequential",
    "sequential_monitoring": "diagnostics.sequential",
    "winners_curse": "diagnostics.winners_curse",
    "stratum_difference": "diagnostics.stratum_difference",
    "excess_significance": "diagnostics.excess_significance",
    "fail_safe_n": "diagnostics.fail_safe",
    "leave_one_out": "diagnostics.sensitivity",
    "leave_two_out": "diagnostics.sensitivity",
    "cumulative": "diagnostics.sensitivity",
    "without_studies": "diagnostics.sensitivity",
    "specification_curve": "diagnostics.specification",
    "gosh": "diagnostics.gosh",
    "influence": "diagnostics.influence",
    "small_study_tests": "diagnostics.small_study",
    "harbord": "diagnostics.funnel_regression",
    "peters": "diagnostics.funnel_regression",
    "ruecker": "diagnostics.random_effects_funnel",
    "deeks": "diagnostics.funnel_regression",
    "macaskill": "diagnostics.funnel_regression",
    "egger": "diagnostics.funnel_regression",
    "egger_mixed": "diagnostics.random_effects_funnel",
    "thompson": "diagnostics.random_effects_funnel",
    "begg": "diagnostics.rank_tests",
    "schwarzer": "diagnostics.rank_tests",
    "trim_and_fill": "diagnostics.trim_and_fill",
    "pet": "diagnostics.pet_peese",
    "peese": "diagnostics.pet_peese",
    "pet_peese": "diagnostics.pet_peese",
    "limit_meta_analysis": "diagnostics.limit_meta_analysis",
    "step_selection": "diagnostics.selection_models",
    "beta_selection": "diagnostics.selection_models",
    "copas": "diagnostics.copas",
    "meta_regression": "diagnostics.meta_regression",
    "permutation_test": "diagnostics.permutation",
    "stratum_contrasts": "diagnostics.stratum_contrasts",
    "variance_inflation": "diagnostics.regression_summaries",
    "regression_line": "diagnostics.regression_summaries",
    "baujat": "diagnostics.study_plots",
    "radial": "diagnostics.study_plots",
    "labbe": "diagnostics.study_plots",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"genopool.{_HOME[name]}"), name)
    raise AttributeError(f"module 'genopool' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
