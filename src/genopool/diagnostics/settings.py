"""Thresholds of the checks of the input, as the configuration gives them.

No numerics, so that reading a configuration stays quick.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from genopool.pooling.settings import Part

Probability = Annotated[float, Field(ge=0, le=1)]


def _off(value: Any) -> Any:
    return "off" if value is False else value  # as YAML reads the word


#: What a check by rule, which has no threshold, writes.
Grade = Annotated[Literal["warning", "note", "off"], BeforeValidator(_off)]


class HardyWeinbergCheck(Part):
    """p-values of the Hardy-Weinberg test below which a finding is written."""

    warning: Annotated[float, Field(ge=0, le=1)] = 1.0e-4
    note: Annotated[float, Field(ge=0, le=1)] = 0.05


class CoincidenceCheck(Part):
    """Coincidences expected in a study by chance, below which there is a finding."""

    warning: Probability = 2.0e-3
    note: Probability = 0.02


class ReportedDisagreesCheck(Part):
    """Standard errors by which a reported estimate may miss what the counts give."""

    unadjusted: Annotated[float, Field(ge=0)] = 0.1
    adjusted: Annotated[float, Field(ge=0)] = 1.0


class IntervalWidthCheck(Part):
    """A reported standard error over what the numbers of people allow."""

    narrow: Annotated[float, Field(ge=0, le=1)] = 0.85
    wide: Annotated[float, Field(ge=1)] = 2.0


class IntervalContradictedCheck(Part):
    """How far a reported standard error or p-value may be from the interval's."""

    se: Annotated[float, Field(ge=0)] = Field(0.1, description="As a share of the standard error.")
    z: Annotated[float, Field(ge=0)] = Field(0.4, description="In units of z.")


class FewCheck(Part):
    """People in a cell or a group, below which there is a note."""

    note: Annotated[int, Field(ge=0)]


class Checks(Part):
    """Thresholds of the checks of the input."""

    hwe: HardyWeinbergCheck = Field(default_factory=HardyWeinbergCheck)
    repeated_counts: CoincidenceCheck = Field(default_factory=CoincidenceCheck)
    nested_counts: CoincidenceCheck = Field(default_factory=lambda: CoincidenceCheck(warning=1e-3))
    cases_equal_controls: CoincidenceCheck = Field(
        default_factory=lambda: CoincidenceCheck(warning=5e-4)
    )
    reported_disagrees: ReportedDisagreesCheck = Field(default_factory=ReportedDisagreesCheck)
    interval_width: IntervalWidthCheck = Field(default_factory=IntervalWidthCheck)
    interval_contradicted: IntervalContradictedCheck = Field(
        default_factory=IntervalContradictedCheck
    )
    small_cells: FewCheck = Field(default_factory=lambda: FewCheck(note=5))
    tiny_study: FewCheck = Field(default_factory=lambda: FewCheck(note=20))
    label_spelling: Grade = "warning"
    study_labels_alike: Grade = "warning"
    same_people: Grade = "warning"
    same_paper: Grade = "note"
    ethnicity_country: Grade = "warning"
    year: Grade = "warning"
