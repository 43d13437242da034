"""Thresholds of the checks of the input, as the configuration gives them.

No numerics, so that reading a configuration stays quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from genopool.pooling.settings import Part

Probability = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
#: A threshold that nothing passes; finite, so that it survives JSON.
_UNREACHABLE = 1e300


def _is_false(value: Any) -> bool:
    """Whether a check is switched off: as YAML reads `off`, or as a word, from `--config`."""
    return value is False or value in ("false", "off")


class Thresholds(Part):
    """The thresholds of a check.

    Attributes
    ----------
    never : mapping of str to float
        Those that nothing passes, which `false` stands for.
    """

    never: ClassVar[Mapping[str, float]] = {}

    @property
    def is_off(self) -> bool:
        """Whether nothing can pass them; a check then also leaves out what needs no threshold."""
        return all(getattr(self, name) == value for name, value in self.never.items())


#: What editors are told that a check may also be.
_Off = Literal[False, "off"]


def _switched_off(thresholds: type[Thresholds]) -> BeforeValidator:
    """`false` in place of a check's thresholds: those that are never passed."""
    return BeforeValidator(
        lambda value: dict(thresholds.never) if _is_false(value) else value,
        json_schema_input_type=thresholds | _Off,
    )


def _none_if_off(value: Any) -> Any:
    return None if _is_false(value) else value


def _grade(value: Any) -> Any:
    return "off" if _is_false(value) else value


#: What `checks.tsv` says of a check whose key is `false` or `off`.
SWITCHED_OFF = "switched off in the configuration"
#: Checks whose key is not their name.
_KEY_OF = {"hardy_weinberg": "hwe", "orientation_unknown": "orientation"}
#: What a check by rule, which has no threshold, writes.
Grade = Annotated[
    Literal["warning", "note", "off"],
    BeforeValidator(_grade, json_schema_input_type=Literal["warning", "note"] | _Off),
]


class HardyWeinbergCheck(Thresholds):
    """p-values of the Hardy-Weinberg test below which a finding is written."""

    never: ClassVar = {"warning": 0, "note": 0}

    warning: Probability = 1.0e-4
    note: Probability = 0.05


class ProbabilityCheck(Part):
    """A check that warns where something would happen by chance with less than this probability."""

    warning: Probability = 1.0e-3


class RatioCheck(Part):
    """A check that warns where an error makes the study so many times likelier than none."""

    warning: Annotated[float, Field(gt=1, allow_inf_nan=False)] = 100.0


class CoincidenceCheck(Thresholds):
    """Coincidences expected in a study by chance, below which there is a finding."""

    never: ClassVar = {"warning": 0, "note": 0}

    warning: Probability = 2.0e-3
    note: Probability = 0.02


class ReportedDisagreesCheck(Thresholds):
    """Standard errors by which a reported estimate may miss what the counts give."""

    never: ClassVar = {"unadjusted": _UNREACHABLE, "adjusted": _UNREACHABLE}

    unadjusted: NotNegative = 0.1
    adjusted: NotNegative = 1.0


class IntervalWidthCheck(Thresholds):
    """A reported standard error over what the numbers of people allow."""

    never: ClassVar = {"narrow": 0, "wide": _UNREACHABLE}

    narrow: Probability = 0.85
    wide: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 2.0


class IntervalContradictedCheck(Thresholds):
    """How far a reported standard error or p-value may be from the interval's."""

    never: ClassVar = {"se": _UNREACHABLE, "z": _UNREACHABLE}

    se: NotNegative = Field(0.1, description="As a share of the standard error.")
    z: NotNegative = Field(0.4, description="In units of z.")


class FewCheck(Thresholds):
    """People in a cell or a group, below which there is a note."""

    never: ClassVar = {"note": 0}

    note: Annotated[int, Field(ge=0)]


_OptionalProbability = Annotated[
    ProbabilityCheck | None,
    BeforeValidator(_none_if_off, json_schema_input_type=ProbabilityCheck | _Off | None),
]
_OptionalRatio = Annotated[
    RatioCheck | None,
    BeforeValidator(_none_if_off, json_schema_input_type=RatioCheck | _Off | None),
]
_Coincidence = Annotated[CoincidenceCheck, _switched_off(CoincidenceCheck)]
_Few = Annotated[FewCheck, _switched_off(FewCheck)]


def _probability(warning: float, description: str) -> Any:
    return Field(default_factory=lambda: ProbabilityCheck(warning=warning), description=description)


def _ratio(warning: float, description: str) -> Any:
    return Field(default_factory=lambda: RatioCheck(warning=warning), description=description)


def _coincidence(description: str, warning: float) -> Any:
    return Field(default_factory=lambda: CoincidenceCheck(warning=warning), description=description)


class Checks(Part):
    """Thresholds of the checks of the input; false switches a check off."""

    hwe: Annotated[HardyWeinbergCheck, _switched_off(HardyWeinbergCheck)] = Field(
        default_factory=HardyWeinbergCheck
    )
    orientation: _OptionalRatio = _ratio(100.0, "The other allele counted: likelihood ratio.")
    cases_and_controls: _OptionalRatio = _ratio(
        55.0, "Cases and controls exchanged: likelihood ratio."
    )
    columns: _OptionalRatio = _ratio(15.0, "Genotype columns exchanged: likelihood ratio.")
    exchanged_genotype: _OptionalRatio = _ratio(
        40.0, "One genotype's counts exchanged between cases and controls: likelihood ratio."
    )
    digits: _OptionalRatio = _ratio(
        15.0, "A digit transposed, dropped, doubled or mistyped: ratio."
    )
    heterozygotes: _OptionalRatio = _ratio(
        45.0, "Heterozygotes read as homozygotes in cases and controls: likelihood ratio."
    )
    ethnicity_label: _OptionalRatio = _ratio(80.0, "A study of another stratum: likelihood ratio.")
    allele_frequency: _OptionalProbability = _probability(
        1.0e-4, "Allele frequency in controls out of line with its stratum: predictive p."
    )
    outlying_effect: _OptionalProbability = _probability(
        2.0e-3, "Odds ratio out of line with the other studies: predictive p."
    )
    too_good: _OptionalProbability = _probability(
        8.0e-3, "Genotypes as close to Hardy-Weinberg proportions as computed ones: p."
    )
    repeated_counts: _Coincidence = _coincidence("Counts of another study or locus.", 2.0e-3)
    nested_counts: _Coincidence = _coincidence("Counts that are the sum of two others'.", 1.0e-3)
    cases_equal_controls: _Coincidence = _coincidence(
        "Cases that are the controls' counts.", 2.0e-3
    )
    reported_disagrees: Annotated[ReportedDisagreesCheck, _switched_off(ReportedDisagreesCheck)] = (
        Field(default_factory=ReportedDisagreesCheck)
    )
    interval_width: Annotated[IntervalWidthCheck, _switched_off(IntervalWidthCheck)] = Field(
        default_factory=IntervalWidthCheck
    )
    interval_contradicted: Annotated[
        IntervalContradictedCheck, _switched_off(IntervalContradictedCheck)
    ] = Field(default_factory=IntervalContradictedCheck)
    small_cells: _Few = Field(default_factory=lambda: FewCheck(note=5))
    tiny_study: _Few = Field(default_factory=lambda: FewCheck(note=20))
    label_spelling: Grade = "warning"
    study_labels_alike: Grade = "warning"
    same_people: Grade = "warning"
    same_paper: Grade = "note"
    ethnicity_country: Grade = "warning"
    year: Grade = "warning"

    def is_off(self, check: str) -> bool:
        """Whether a check is switched off; one without a key never is.

        Parameters
        ----------
        check : str
            The name of the check in `integrity.tsv`.
        """
        key = _KEY_OF.get(check, check)
        if key not in type(self).model_fields:
            return False
        settings = getattr(self, key)
        if isinstance(settings, Thresholds):
            return settings.is_off
        return settings in (None, "off")
