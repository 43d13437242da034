"""Numbers as figures print them."""

from __future__ import annotations

from math import exp, isfinite, nan

ABSENT = "–"

_METHODS = {
    "mantel-haenszel": "Mantel-Haenszel",
    "peto": "Peto",
    "exact": "Conditional exact",
    "UM.FS": "One-stage logistic model with fixed study effects (UM.FS)",
    "UM.RS": "One-stage logistic model with random study effects (UM.RS)",
    "CM.EL": "One-stage conditional model, exact likelihood (CM.EL)",
    "CM.AL": "One-stage conditional model, approximate likelihood (CM.AL)",
    "bayes": "Bayesian random effects",
}
_INTERVALS = {
    "wald": "Wald ",
    "hartung-knapp": "Hartung-Knapp ",
    "hartung-knapp-adhoc": "Hartung-Knapp (never narrower than Wald) ",
}


def number(value: object) -> float:
    """A cell of a result table as a float; NaN if it is blank."""
    return nan if value is None or value == "" else float(value)


def text(value: object) -> str:
    """A cell of a result table as text; empty if it is blank."""
    return "" if value is None or value != value else str(value)


def odds_ratio(log_or: float) -> str:
    """``0.76``, ``1,234``, ``<0.001``; of a log odds ratio."""
    if not isfinite(log_or):
        return ABSENT
    if log_or > 11.5:
        return ">99,000"
    value = exp(log_or)
    if value < 0.0005:
        return "<0.001"
    if value < 0.01:
        return f"{value:.3f}"
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def interval(low: float, high: float) -> str:
    """``[0.44, 1.31]``, of limits on the log scale."""
    if not (isfinite(low) and isfinite(high)):
        return ABSENT
    return f"[{odds_ratio(low)}, {odds_ratio(high)}]"


def count(value: float) -> str:
    """``5,286``; divided controls keep one decimal, ``94.5``."""
    if not isfinite(value):
        return ABSENT
    whole = round(value)
    return f"{whole:,}" if abs(value - whole) < 0.05 else f"{value:,.1f}"


def per_cent(value: float, sign: str = "%") -> str:
    """``61.4%``, of 61.4; ``<0.1%``, of what would round to 0."""
    if not isfinite(value):
        return ABSENT
    return f"<0.1{sign}" if 0 < value < 0.05 else f"{value:.1f}{sign}"


def p_value(value: float) -> str:
    """``p = 0.0346``, ``p = 0.118``, ``p < 0.0001``."""
    if value < 0.0001:
        return "p < 0.0001"
    return f"p = {value:.4f}" if value < 0.1 else f"p = {value:.3f}"


def heterogeneity(tau2: float, i2: float, q: float, q_df: float, q_p: float) -> str:
    """``τ² = 0.104, I² = 61.4%, Q = 41.40 (df 16), p = 0.0005``, without what is NaN."""
    parts = []
    if isfinite(tau2):
        small = "τ² < 0.001" if tau2 < 0.0005 else f"τ² = {tau2:.3f}"
        parts.append(small if tau2 > 0 else "τ² = 0")
    if isfinite(i2):
        parts.append(f"I² = {per_cent(i2)}")
    if isfinite(q):
        parts.append(f"Q = {q:.2f} (df {q_df:.0f}), {p_value(q_p)}")
    return ", ".join(parts)


def between_strata(
    statistic: float, distribution: str, df1: float, df2: float, p: float, tau2: str
) -> str:
    """``Test between strata: F(1, 24) = 2.84, p = 0.105 (common τ²)``."""
    sign = f"F({df1:g}, {df2:g})" if distribution == "F" else f"χ²({df1:g})"
    return f"Test between strata: {sign} = {statistic:.2f}, {p_value(p)} ({tau2} τ²)"


def studies(k: int, k_studies: int) -> str:
    """``26 studies``, ``1 study``, ``27 rows of 26 studies``."""
    many = f"{k_studies:,} stud{'y' if k_studies == 1 else 'ies'}"
    return many if k == k_studies else f"{k:,} rows of {many}"


def method(name: str, tau2: str, interval_name: str, level: float) -> str:
    """``Random effects (REML), Hartung-Knapp 95% CI``; without a model if `name` is empty."""
    inverse_variance = "Equal effects" if tau2 == "EE" else f"Random effects ({tau2})"
    model = _METHODS.get(name, inverse_variance)
    kind = _INTERVALS.get(interval_name, f"{interval_name} " if interval_name else "")
    limits = f"{kind}{100 * level:g}% CI"
    return f"{model}, {limits}" if name else limits
