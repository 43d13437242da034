"""Each conclusion in a sentence."""

from __future__ import annotations

from collections.abc import Callable

from genopool.diagnostics import conclusion as c
from genopool.diagnostics.conclusion import Conclusion, reach, rests_on, rests_on_doubtful
from genopool.diagnostics.estimate_wording import full, limits
from genopool.diagnostics.evidence import DOMINANT, Evidence
from genopool.diagnostics.look_wording import MOST_RESERVATIONS, differing, tests_named
from genopool.diagnostics.wording import number, per_cent


def concluding(evidence: Evidence, found: Conclusion) -> str:
    """The sentence that says what a result comes to."""
    return _CONCLUDING[found.name](evidence, found)


def _pair(e: Evidence) -> str:
    return f"an association between {e.locus} and {e.outcome}"


def _the_studies(e: Evidence, the: str = "The") -> str:
    return f"{the} studies{_here(e)}"


def _seen(e: Evidence) -> str:
    return f"The association between {e.locus} and {e.outcome} seen here{_here(e)}"


def _here(e: Evidence) -> str:
    return f" ({e.stratum})" if e.stratum else ""


def _supports(e: Evidence, found: Conclusion) -> str:
    return f"{_the_studies(e)} support {_pair(e)}."


def _suggests(e: Evidence, found: Conclusion) -> str:
    against = [_AGAINST[name](e) for name in found.reservations[:MOST_RESERVATIONS]]
    return f"{_the_studies(e)} suggest {_pair(e)}, but {'; '.join(against)}."


def _nominal(e: Evidence, found: Conclusion) -> str:
    against = [_AGAINST[name](e) for name in found.reservations[:MOST_RESERVATIONS]]
    return (
        f"{_the_studies(e)} do not establish {_pair(e)}: their average is nominally significant, "
        f"but {'; '.join(against)}."
    )


def _rests_on_one(e: Evidence, found: Conclusion) -> str:
    study = rests_on(e)
    without = full(next(w.estimate for w in e.without_one if w.study == study), e.level)
    text = f"Any association between {e.locus} and {e.outcome} here{_here(e)} rests on one study"
    if study == e.largest.study and e.share >= DOMINANT:
        return (
            f"{text}, {study}, which holds {per_cent(e.share)} of the information: by itself it "
            f"gives {full(e.largest.estimate, e.level)}, the others together {without}."
        )
    return f"{text}, {study}: without it the odds ratio is {without}."


def _doubtful(e: Evidence, found: Conclusion) -> str:
    if e.reported == e.k:
        return (
            f"{_seen(e)} rests wholly on odds ratios that papers report without counts, which lean "
            "to positive results."
        )
    gone = [
        _DOUBTFUL[name]
        for name in found.reservations
        if name in _DOUBTFUL and rests_on_doubtful(e, name)
    ]
    return (
        f"{_seen(e)} rests on data that are in doubt: it is not significant without "
        f"{' or without '.join(gone)}."
    )


def _small_studies(e: Evidence, found: Conclusion) -> str:
    return (
        f"On average {_the_studies(e, 'the')} show {_pair(e)}, but small-study effects, such as "
        "selective publication, could explain it."
    )


def _excludes(e: Evidence, found: Conclusion) -> str:
    return (
        f"{_the_studies(e)} do not show {_pair(e)}, and their interval excludes average odds "
        f"ratios outside {limits(e.pooled)}."
    )


def _not_shown(e: Evidence, found: Conclusion) -> str:
    return (
        f"{_the_studies(e)} do not show {_pair(e)}, but odds ratios from "
        f"{limits(e.pooled)} are compatible with them."
    )


def _disagree(e: Evidence, found: Conclusion) -> str:
    differ = differing(e)
    why = "the average need not hold for any one population"
    if differ and not e.stratum:
        why = f"the odds ratio differs by {tests_named(differ)}, and {why}"
    return (
        f"{_the_studies(e)} disagree by more than chance, and on average do not show {_pair(e)}; "
        f"{why}."
    )


def _too_little(e: Evidence, found: Conclusion) -> str:
    whether = f"whether {e.locus} is associated with {e.outcome}{_here(e)}"
    if e.df == 1:
        return (
            f"Two studies cannot tell {whether}: they give no reliable measure of how far studies "
            "differ."
        )
    return (
        f"There is too little evidence to tell {whether}: odds ratios from "
        f"{limits(e.pooled)} are compatible with it."
    )


def _single(e: Evidence, found: Conclusion) -> str:
    parts = "" if e.k == 1 else f", in {number(e.k)} parts"
    if e.is_significant and e.p_adjusted >= e.alpha:
        says = "what it found is only nominally significant, and awaits replication"
    elif e.is_significant:
        says = "it found an association, which awaits replication"
    elif reach(e.pooled) > c.SMALL:
        says = "it does not show an association, and excludes little"
    else:
        says = "it does not show an association"
    return (
        f"The tables hold only one study of {e.locus} and {e.outcome}{_here(e)}{parts}, and so no "
        f"meta-analysis: {says}."
    )


def _nothing(e: Evidence, found: Conclusion) -> str:
    return f"No study in the tables answers this about {e.locus} and {e.outcome}{_here(e)}."


_CONCLUDING: dict[str, Callable[[Evidence, Conclusion], str]] = {
    c.SUPPORTS: _supports,
    c.SUGGESTS: _suggests,
    c.NOMINAL: _nominal,
    c.ONE_STUDY: _rests_on_one,
    c.DOUBTFUL: _doubtful,
    c.SMALL_STUDIES: _small_studies,
    c.EXCLUDES: _excludes,
    c.NOT_SHOWN: _not_shown,
    c.DISAGREE: _disagree,
    c.TOO_LITTLE: _too_little,
    c.SINGLE: _single,
    c.NOTHING: _nothing,
}

_AGAINST: dict[str, Callable[[Evidence], str]] = {
    "one study": lambda e: "it rests on one study",
    "departures": lambda e: (
        "it loses significance without studies out of Hardy-Weinberg proportions"
    ),
    "reported": lambda e: "it loses significance without odds ratios reported without counts",
    "warned": lambda e: "it loses significance without studies of doubtful data",
    "small studies": lambda e: "small studies show it more than large ones",
    "largest": lambda e: f"the most precise study, {e.largest.study}, does not bear it out",
    "fragile": lambda e: _fragile(e),
    "models": lambda e: "it is not significant once all genetic models looked at are allowed for",
    "few studies": lambda e: f"{number(e.studies)} studies are too few to show consistency",
    "inconsistent": lambda e: "studies differ so much that elsewhere it may be absent or reversed",
    "low": lambda e: "the odds ratio is so near 1 that a little bias could make it",
    "excess": lambda e: "more studies are significant than their size would lead to expect",
    "choices": lambda e: (
        f"only {e.choices_significant} of {e.choices} reasonable ways to pool find it significant"
    ),
    "chance": lambda e: "chance may well explain it if few such variants are truly associated",
    "other model": lambda e: "not in the genetic model that is judged",
}


def _fragile(e: Evidence) -> str:
    lost = [without.study for without in e.lost_without]
    if len(lost) == len(e.without_one):
        return "leaving out any one study makes it lose significance"
    if len(lost) > 2:
        return f"leaving out any of {number(len(lost))} studies makes it lose significance"
    return f"it loses significance without {' or without '.join(lost)}"


_DOUBTFUL = {
    "departures": "studies whose controls depart from Hardy-Weinberg proportions",
    "reported": "odds ratios that papers report without counts",
    "warned": "studies of whose data the checks of the input warn",
}
