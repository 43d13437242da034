"""Numbers as figures print them."""

from __future__ import annotations

from math import exp, inf, isfinite, nan

ABSENT = "–"
SIMULATED = "Simulated data"
"""Begins the title of every figure of simulated studies."""
SIMULATED_NOTE = "Simulated data: no number in this figure comes from a real study."
NO_TAU2 = ("mantel-haenszel", "peto", "exact")
"""Methods with one common odds ratio."""
_ONE_STAGE = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")


def number(value: object) -> float:
    """A cell of a result table as a float; NaN if it is blank."""
    return nan if value is None or value == "" else float(value)


def text(value: object) -> str:
    """A cell of a result table as text; empty if it is blank."""
    return "" if value is None or value != value else str(value)


def odds_ratio(log_or: float) -> str:
    """``0.76``, ``1,234``, ``<0.001``, ``0``, ``∞``; of a log odds ratio."""
    if not isfinite(log_or):
        return {-inf: "0", inf: "∞"}.get(log_or, ABSENT)
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
    if low != low or high != high:
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
    return f"p = {bare_p(value)}"


def bare_p(value: float) -> str:
    """``0.0346``, ``0.118``, ``<0.0001``."""
    if not isfinite(value):
        return ABSENT
    if value < 0.0001:
        return "<0.0001"
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}"


def bare_tau2(value: float) -> str:
    """``0.104``, ``<0.001``, ``0``."""
    if not isfinite(value):
        return ABSENT
    return "<0.001" if 0 < value < 0.0005 else f"{value:.3f}" if value else "0"


def heterogeneity(
    tau2: float, i2: float, q: float, q_df: float, q_p: float, method: str = ""
) -> str:
    """``τ² = 0.104, I² = 61.4%, Q = 41.40 (df 16), p = 0.0005``, without what is NaN."""
    parts = []
    if isfinite(tau2):
        said = bare_tau2(tau2)
        parts.append(f"τ² < {said[1:]}" if said.startswith("<") else f"τ² = {said}")
    if isfinite(i2):
        share = per_cent(i2)
        parts.append(f"I² < {share[1:]}" if share.startswith("<") else f"I² = {share}")
    if isfinite(q):
        name = "likelihood-ratio Q" if method in _ONE_STAGE else "Q"
        df = f" (df {q_df:.0f})" if isfinite(q_df) else ""
        parts.append(f"{name} = {q:.2f}{df}")
        if isfinite(q_p):
            parts.append(p_value(q_p))
    return ", ".join(parts)


def between_strata(
    statistic: float, distribution: str, df1: float, df2: float, p: float, tau2: str
) -> str:
    """``Test between strata: F(1, 24) = 2.84, p = 0.105 (common τ²)``; `tau2` may be empty."""
    sign = f"F({df1:g}, {df2:g})" if distribution == "F" else f"χ²({df1:g})"
    said = f"Test between strata: {sign} = {statistic:.2f}, {p_value(p)}"
    return f"{said} ({tau2} τ²)" if tau2 else said


def studies(k: int, k_studies: int) -> str:
    """``26 studies``, ``1 study``, ``27 rows of 26 studies``."""
    many = f"{k_studies:,} stud{'y' if k_studies == 1 else 'ies'}"
    return many if k == k_studies else f"{k:,} rows of {many}"
