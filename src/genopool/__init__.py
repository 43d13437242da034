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
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"genopool.{_HOME[name]}"), name)
    raise AttributeError(f"module 'genopool' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
