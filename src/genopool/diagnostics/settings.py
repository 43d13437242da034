"""Thresholds of the checks of the input, as the configuration gives them.

No numerics, so that reading a configuration stays quick.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from genopool.pooling.settings import Part


class HardyWeinbergCheck(Part):
    """p-values of the Hardy-Weinberg test below which a finding is written."""

    warning: Annotated[float, Field(ge=0, le=1)] = 1.0e-4
    note: Annotated[float, Field(ge=0, le=1)] = 0.05


class ProbabilityCheck(Part):
    """A check that warns where something would happen by chance with less than this probability."""

    warning: Annotated[float, Field(ge=0, le=1)] = 1.0e-3


class RatioCheck(Part):
    """A check that warns where an error makes the study so many times likelier than none."""

    warning: Annotated[float, Field(gt=1, allow_inf_nan=False)] = 100.0


def _off(value: Any) -> Any:
    return None if value is False else value


Probability = Annotated[ProbabilityCheck | None, BeforeValidator(_off)]
Ratio = Annotated[RatioCheck | None, BeforeValidator(_off)]


def _probability(warning: float, description: str) -> Any:
    return Field(default_factory=lambda: ProbabilityCheck(warning=warning), description=description)


def _ratio(warning: float, description: str) -> Any:
    return Field(default_factory=lambda: RatioCheck(warning=warning), description=description)


class Checks(Part):
    """Thresholds of the checks of the input; false switches a check off."""

    hwe: HardyWeinbergCheck = Field(default_factory=HardyWeinbergCheck)
    orientation: Ratio = _ratio(60.0, "The other allele counted: likelihood ratio.")
    cases_and_controls: Ratio = _ratio(55.0, "Cases and controls exchanged: likelihood ratio.")
    columns: Ratio = _ratio(15.0, "Genotype columns exchanged: likelihood ratio.")
    exchanged_genotype: Ratio = _ratio(
        40.0, "One genotype's counts exchanged between cases and controls: likelihood ratio."
    )
    digits: Ratio = _ratio(10.0, "A digit transposed, dropped, doubled or mistyped: ratio.")
    heterozygotes: Ratio = _ratio(
        45.0, "Heterozygotes read as homozygotes in cases and controls: likelihood ratio."
    )
    ethnicity_label: Ratio = _ratio(80.0, "A study of another stratum: likelihood ratio.")
    equal_cases_controls: Ratio = _ratio(150.0, "Controls copied into the cases: ratio.")
    allele_frequency: Probability = _probability(
        1.0e-4, "Allele frequency in controls out of line with its stratum: predictive p."
    )
    outlying_effect: Probability = _probability(
        2.0e-3, "Odds ratio out of line with the other studies: predictive p."
    )
    too_good: Probability = _probability(
        8.0e-3, "Genotypes as close to Hardy-Weinberg proportions as computed ones: p."
    )
