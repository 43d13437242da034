"""The columns of the tables of diagnostics."""

from __future__ import annotations

from genopool.pooling.tables import POOLED_COLUMNS

_KEY = "locus effect_allele model stratifier stratum".split()
_OF_KEY = set(_KEY)

SENSITIVITY_COLUMNS = [
    *_KEY,
    *"analysis left_out added".split(),
    *(name for name in POOLED_COLUMNS if name not in _OF_KEY),
]
INFLUENCE_COLUMNS = [
    *_KEY,
    *(
        "study population rstudent dffits cook_d cov_r tau2_del q_del hat weight is_influential "
        "reason"
    ).split(),
]
SMALL_STUDY_COLUMNS = [
    *_KEY,
    *(
        "test statistic df p_value adjusted_log_or se ci_low ci_high k_filled k recommended "
        "caution reason"
    ).split(),
]
METAREGRESSION_COLUMNS = [
    *_KEY,
    *(
        "moderator term estimate se statistic df p_value p_permutation r2 k df1 unit "
        "reference ci_low ci_high p_adjusted tau2 vif caution reason"
    ).split(),
]
MULTIPLICITY_COLUMNS = [*_KEY, *"k p_value models adjustment p_adjusted reason".split()]
ACROSS_LOCI_COLUMNS = [*MULTIPLICITY_COLUMNS[:-1], *"p_locus q_value questions reason".split()]
CREDIBILITY_COLUMNS = [
    *_KEY,
    *"quantity given_or prior value ci_low ci_high caution reason".split(),
]
VERDICT_COLUMNS = [*_KEY, *"criterion grade numbers text reason".split()]

DIAGNOSTIC_COLUMNS = {
    "sensitivity": SENSITIVITY_COLUMNS,
    "influence": INFLUENCE_COLUMNS,
    "small_study": SMALL_STUDY_COLUMNS,
    "metaregression": METAREGRESSION_COLUMNS,
    "multiplicity": MULTIPLICITY_COLUMNS,
    "credibility": CREDIBILITY_COLUMNS,
    "verdict": VERDICT_COLUMNS,
}
#: Of the tables of all loci together.
JOINED_COLUMNS = {"multiplicity": ACROSS_LOCI_COLUMNS, "verdict": VERDICT_COLUMNS}
