"""What a figure is about, in words: the part that the result tables do not hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """The question that one pooled analysis answers, for titles, headings and captions.

    All texts are plain text: nothing in them is read as markup or mathematics.

    Parameters
    ----------
    locus : str
        The locus as readers know it, ``IL-8 -251 A/T``.
    effect_allele : str
        ``T``, ``19``, ``<19``.
    comparison : str
        What is compared, ``AT + TT vs AA``; for the additive model ``each further T allele``.
    outcome : str
        ``gastric cancer``.
    exposure : str
        What the odds ratio is of having, ``AT + TT``; for the additive model ``more T alleles``.
    exposed_heading : str
        Heading of the columns that count cases and controls with the exposure, ``AT + TT``;
        broken into lines at blanks. Not used by the additive model.
    frequency_range : tuple of float, optional
        Lowest and highest frequency of the effect allele in the controls of the studies pooled,
        as proportions; None when no study gives genotype counts.
    below_one, above_one : str
        What an odds ratio below and above 1 says. By default ``lower odds of <outcome> with
        <exposure>``, and ``higher``.
    stratifier : str
        What the strata are, ``ethnicity``; by default the stratifier's name, ``_`` as a blank.
    turned : tuple of str
        Studies whose alleles the configuration turned round; they are marked.
    simulated : bool
        Whether the studies are made up: the title and a note say so.
    notes : tuple of str
        Further lines under the figure.
    """

    locus: str
    effect_allele: str
    comparison: str
    outcome: str
    exposure: str
    exposed_heading: str
    frequency_range: tuple[float, float] | None = None
    below_one: str = ""
    above_one: str = ""
    stratifier: str = ""
    turned: tuple[str, ...] = ()
    simulated: bool = False
    notes: tuple[str, ...] = ()

    def sides(self) -> tuple[str, str]:
        """What an odds ratio below 1 says, and what one above 1 says."""
        with_exposure = f"odds of {self.outcome} with {self.exposure}"
        return (
            self.below_one or f"lower {with_exposure}",
            self.above_one or f"higher {with_exposure}",
        )
