"""The checks of the input as a reader of the report wants to know them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genopool.diagnostics.integrity.interval_width import FEWEST_OTHERS
from genopool.diagnostics.integrity.scope import FEWEST_IN_STRATUM, Scope


@dataclass(frozen=True)
class Check:
    """One line of the list of checks.

    Attributes
    ----------
    subject : str
        What it is about, for grouping.
    title : str
    names : tuple of str
        The checks of `integrity.tsv` that it stands for.
    looks_at : str
    compared : callable
        How many things it had to look at.
    unit : str
        What these are, in the plural.
    otherwise : str
        Why it could not run where there are none.
    """

    subject: str
    title: str
    names: tuple[str, ...]
    looks_at: str
    compared: Callable[[Scope], int]
    unit: str
    otherwise: str


READING, COUNTED, COUNTS = "Reading", "Who is counted", "Counts"
OTHERS, REPORTED, LABELS = "Beside the other studies", "Reported estimates", "Labels and papers"


def _check(
    subject: str,
    title: str,
    names: str,
    looks_at: str,
    compared: Callable[[Scope], int],
    unit: str,
    otherwise: str,
) -> Check:
    return Check(subject, title, tuple(names.split()), looks_at, compared, unit, otherwise)


NO_COUNTS = "no table gives counts"
NO_ESTIMATES = "no estimate is reported"
NOT_TWO = "there are no two studies to compare"
TOO_FEW = f"no stratum of a locus has {FEWEST_IN_STRATUM} studies with all genotypes"
CHECKS = (
    _check(
        READING,
        "files and labels",
        "other_strand case_ignored no_counts no_rows file_ignored sheet_ignored "
        "turned_by_configuration header_guessed header_rows title_row table_note repeated_header "
        "cell_taken footnote_mark encoding_guessed hidden_cells damaged_letters merged_cells "
        "generic_genotypes locus_taken locus_named_otherwise study_with_year heading_row "
        "total_row unread_total unread_cell",
        "whether every file, header, label and number can be read, and what had to be translated",
        lambda s: s.rows,
        "rows",
        "no row was read",
    ),
    _check(
        READING,
        "printed totals",
        "total_differs total_row_differs percentage_differs alleles_differ frequency_differs "
        "hwe_p_differs impossible_value",
        "totals, percentages, frequencies and p-values printed beside the counts, and values that "
        "cannot be",
        lambda s: s.stated,
        "rows",
        "no row prints totals, percentages, frequencies or p-values beside its counts",
    ),
    _check(
        COUNTED,
        "wholes and parts",
        "part_of_whole parts_by_label overlapping_parts parts_exceed_whole parts_below_whole "
        "parts_differ_from_whole",
        "wholes of studies pooled with their parts, and parts that may share people",
        lambda s: s.parts,
        "parts of studies",
        "no row describes a part of a study",
    ),
    _check(
        COUNTED,
        "shared controls and people",
        "shared_controls shared_controls_reported overlapping_studies unknown_overlap "
        "overlap_elsewhere",
        "controls and people that rows share, as control_group and overlaps declare it",
        lambda s: s.shared,
        "rows",
        "no row has a control_group or overlaps",
    ),
    _check(
        COUNTED,
        "unanswered questions",
        "cannot_answer third_allele no_lengths reference_length no_reference_length "
        "sex_not_given sex_read men_as_homozygotes",
        "questions and models that the cells of a row do not answer",
        lambda s: s.count_rows,
        "rows",
        NO_COUNTS,
    ),
    _check(
        COUNTS,
        "repeated counts",
        "repeated_counts",
        "rows that have the counts, the cases or the controls of another study or part, as they "
        "are, turned round, exchanged or multiplied",
        lambda s: s.pairs + s.pairs_across,
        "pairs of rows",
        NOT_TWO,
    ),
    _check(
        COUNTS,
        "sums of studies",
        "nested_counts",
        "studies that are the sum of two or three others, and parts listed as studies",
        lambda s: s.triples,
        "threes of studies",
        "no locus has three studies with all genotypes",
    ),
    _check(
        COUNTS,
        "copied columns",
        "cases_equal_controls",
        "cases that are a copy of the controls",
        lambda s: s.count_rows,
        "rows",
        NO_COUNTS,
    ),
    _check(
        COUNTS,
        "small cells",
        "small_cells tiny_study additive_corrected",
        "genotypes and groups with nobody or a few people",
        lambda s: s.count_rows,
        "rows",
        NO_COUNTS,
    ),
    _check(
        COUNTS,
        "Hardy-Weinberg",
        "hardy_weinberg too_good",
        "genotypes of controls against Hardy-Weinberg proportions",
        lambda s: s.controls,
        "rows",
        "no row gives all genotypes of controls",
    ),
    _check(
        OTHERS,
        "orientation",
        "orientation orientation_unknown",
        "A/T and C/G variants, and others, whose allele frequency would fit turned round",
        lambda s: s.in_large_strata,
        "rows",
        TOO_FEW,
    ),
    _check(
        OTHERS,
        "allele frequencies",
        "allele_frequency ethnicity_label reference_frequency",
        "allele frequencies out of line with their stratum",
        lambda s: s.in_large_strata,
        "rows",
        TOO_FEW,
    ),
    _check(
        OTHERS,
        "columns, genotypes and digits",
        "columns exchanged_genotype digits heterozygotes",
        "columns exchanged, genotypes mistaken and digits mistyped, as Hardy-Weinberg proportions "
        "and the other studies tell",
        lambda s: s.controls,
        "rows",
        "no row gives all genotypes of controls",
    ),
    _check(
        OTHERS,
        "cases and controls",
        "cases_and_controls",
        "cases and controls exchanged, where the other studies have an effect",
        lambda s: s.in_large_strata,
        "rows",
        TOO_FEW,
    ),
    _check(
        OTHERS,
        "outlying effects",
        "outlying_effect not_compared",
        "odds ratios out of line with the other studies",
        lambda s: s.in_large_loci,
        "rows",
        f"no locus has {FEWEST_IN_STRATUM} rows",
    ),
    _check(
        REPORTED,
        "reported estimates",
        "estimate_turned estimate_set_aside se_from_p no_standard_error",
        "reported estimates of another allele or measure, or without an interval",
        lambda s: s.estimates,
        "estimates",
        NO_ESTIMATES,
    ),
    _check(
        REPORTED,
        "asymmetric intervals",
        "asymmetric_interval",
        "estimates that are not in the middle of their interval",
        lambda s: s.intervals,
        "intervals",
        "no interval is reported",
    ),
    _check(
        REPORTED,
        "widths of intervals",
        "interval_width",
        "intervals too narrow or too wide for the stated numbers of people, and for the allele "
        f"frequency where {FEWEST_OTHERS} other studies give it",
        lambda s: s.intervals_with_people,
        "intervals",
        "no reported odds ratio has an interval, cases and controls",
    ),
    _check(
        REPORTED,
        "intervals, errors and p-values",
        "interval_contradicted",
        "intervals against a standard error or p-value of the same row",
        lambda s: s.intervals_with_more,
        "intervals",
        "no interval stands beside a standard error or p-value",
    ),
    _check(
        REPORTED,
        "reported against counts",
        "reported_disagrees",
        "reported odds ratios against the counts of the same people",
        lambda s: s.counted_and_reported,
        "estimates",
        "no study has both counts and a reported estimate of the same people",
    ),
    _check(
        LABELS,
        "labels of strata",
        "label_spelling value_in_no_group not_a_number stratifier_without_column everybody",
        "values of the stratifiers in two spellings, or in no stratum",
        lambda s: s.values,
        "values",
        "no stratifier has a value",
    ),
    _check(
        LABELS,
        "moderators",
        "moderator_without_column moderator_not_a_number",
        "columns under moderators that no table has, and values among numbers that are none",
        lambda s: s.moderator_values,
        "values",
        "no table has a value in a column that is named under moderators",
    ),
    _check(
        LABELS,
        "labels of studies",
        "study_spelling study_labels_alike",
        "study labels in two spellings",
        lambda s: s.studies if s.studies > 1 else 0,
        "studies",
        NOT_TWO,
    ),
    _check(
        LABELS,
        "papers and years",
        "same_paper year",
        "papers under two labels, labels with two papers, and impossible years",
        lambda s: s.identified,
        "rows",
        "no row has a pmid, a doi or a year",
    ),
    _check(
        LABELS,
        "people of one team",
        "same_people",
        "studies of an author of the same name with as many cases and controls",
        lambda s: s.studies if s.studies > 1 else 0,
        "studies",
        NOT_TWO,
    ),
    _check(
        LABELS,
        "ancestry and country",
        "ethnicity_country",
        "ancestry labels that studies of the country do not usually state",
        lambda s: s.labels,
        "rows",
        "no row has both a country and an ancestry label",
    ),
)
