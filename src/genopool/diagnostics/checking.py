"""Refusing numbers that cannot be: what the credibility functions share."""

from __future__ import annotations

import numpy as np


def check_probability(name: str, value: float) -> None:
    """Raise ValueError unless `value` is one probability strictly between 0 and 1."""
    if np.ndim(value) or isinstance(value, str) or not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, not {value!r}")


def probabilities(name: str, values) -> np.ndarray:
    """A list of probabilities strictly between 0 and 1, as an array with one axis."""
    checked = np.atleast_1d(np.asarray(values, dtype=float))
    if checked.ndim != 1 or not ((checked > 0) & (checked < 1)).all():
        raise ValueError(f"{name} must be one or more numbers between 0 and 1, not {values!r}")
    return checked


def odds_ratios_off_one(name: str, values) -> np.ndarray:
    """Absolute log odds ratios of a list of odds ratios: positive, finite and not 1."""
    checked = np.atleast_1d(np.asarray(values, dtype=float))
    if checked.ndim != 1 or not ((checked > 0) & np.isfinite(checked) & (checked != 1)).all():
        raise ValueError(
            f"{name} must be one or more odds ratios above 0, finite and not 1, not {values!r}"
        )
    return np.abs(np.log(checked))


def check_estimate(estimate, se, names=("log_or", "se")) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and standard errors, broadcast; NaN in both marks an absent one.

    Raises
    ------
    ValueError
        A standard error that is not positive and finite, an infinite estimate, or NaN in only one
        of the two; the message names the index.
    """
    y, s = np.broadcast_arrays(np.asarray(estimate, dtype=float), np.asarray(se, dtype=float))
    bad = ~((np.isfinite(y) & (s > 0) & np.isfinite(s)) | (np.isnan(y) & np.isnan(s)))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        where = str(list(index)) if index else ""
        raise ValueError(
            f"{names[0]}{where} = {y[index]}, {names[1]}{where} = {s[index]}: an estimate needs a "
            "finite value and a finite standard error above 0, or NaN in both if absent"
        )
    return y, s
