"""The rows of credibility.tsv: published worked examples, R's answers, what cannot be said."""

import numpy as np
import pytest
from scipy.stats import norm, t

from genopool.diagnostics.tables.credibility import credibility_rows

CONFIG = "loci: {SNP: {alleles: A/C}}\nmodels: [allelic]\npooling: {tau2: EE}\n"
RANDOM = CONFIG.replace("{tau2: EE}", "{tau2: REML}")
HEADER = "study,locus,ethnicity,year,effect_allele,model,measure,estimate,se,n_cases,n_controls\n"


def reported(log_or, se, years=None, ethnicity=None, people=True):
    """A table of reported estimates, which are pooled as they are."""
    n = len(log_or)
    cells = zip(ethnicity or [""] * n, years or [""] * n, log_or, se, strict=True)
    lines = (
        f"S{i},SNP,{group},{year},C,allelic,OR,{np.exp(y):.15g},{s:.15g}"
        + (",100,100" if people else ",,")
        for i, (group, year, y, s) in enumerate(cells)
    )
    return {"a.csv": HEADER + "\n".join(lines) + "\n"}


def counts(*studies):
    names = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
    lines = (f"S{i},SNP,{','.join(map(str, study))}" for i, study in enumerate(studies))
    return {"a.csv": names + "\n".join(lines) + "\n"}


def of(rows, quantity, stratum="all"):
    """The rows of a quantity by given odds ratio and prior, blank as None."""
    return {
        tuple(None if np.isnan(row[c]) else row[c] for c in ("given_or", "prior")): row
        for row in rows
        if row["quantity"] == quantity and row["stratum"] == stratum
    }


def one(rows, quantity, given_or=None, stratum="all"):
    return of(rows, quantity, stratum)[given_or, None]


class TestFalsePositives:
    def test_the_authors_example(self, make_pools, credibility):
        """OR 1.316 (1.08 to 1.60) of El ghormli and Wacholder; Wakefield's factor by R."""
        r = credibility["false_positives"]
        rows = credibility_rows(make_pools(reported([r["log_or"]], [r["se"]]), CONFIG))
        fprp, bfdp = of(rows, "fprp"), of(rows, "bfdp")
        assert len(fprp) == 3 * 5 and len(bfdp) == 2 * 5
        for a, size in enumerate(r["odds_ratios"]):
            for b, prior in enumerate(r["priors"][:5]):
                expected = pytest.approx(r["fprp"][b][a], rel=1e-7)
                assert fprp[size, prior]["value"] == expected
        for b, prior in enumerate(r["priors"][:5]):
            assert bfdp[1.5, prior]["value"] == pytest.approx(r["bfdp"][b], rel=1e-7)
        factor = one(rows, "log10_bayes_factor", 1.5)["value"]
        assert 10**factor == pytest.approx(r["bayes_factor"], rel=1e-7)
        assert {row["caution"] for row in (*fprp.values(), *bfdp.values())} == {""}

    def test_a_test_on_few_degrees_of_freedom_counts_for_its_p(self, make_pools):
        """Two studies by Hartung-Knapp: the p of t on 1 df, and the normal estimate with this p."""
        pools = make_pools(reported([0.5, 0.7], [0.1, 0.1]), RANDOM)
        (row,) = pools.rows
        assert row["df"] == 1 and row["log_or"] / row["se"] > 5
        rows = credibility_rows(pools)
        p = 2 * t.sf(row["log_or"] / row["se"], 1)
        se = row["log_or"] / norm.isf(p / 2)
        power = norm.sf(norm.isf(p / 2) - np.log(1.5) / se)
        expected = p * 0.9 / (p * 0.9 + power * 0.1)
        found = of(rows, "fprp")[1.5, 0.1]
        assert found["value"] == pytest.approx(expected, rel=1e-6)
        assert "hartung-knapp" in found["caution"]
        # Taken for a z, the same estimate would look like a certainty.
        z = row["log_or"] / row["se"]
        assert 2 * norm.sf(z) * 0.9 / 0.1 < expected / 1000

    def test_bayes_says_what_is_taken(self, make_pools):
        config = CONFIG.replace("{tau2: EE}", "{method: bayes}")
        rows = credibility_rows(make_pools(reported([0.3, 0.2, 0.4], [0.1] * 3), config))
        assert all("posterior" in row["caution"] for row in of(rows, "fprp").values())
        assert "bayes" in one(rows, "power", 1.2)["caution"]


class TestInformation:
    def test_power_and_detectable_odds_ratio_by_the_normal(self, make_pools):
        rows = credibility_rows(make_pools(reported([0.1, 0.2], [0.1, 0.1]), CONFIG))
        se = 0.1 / np.sqrt(2)
        for size in (1.1, 1.2, 1.5):
            z = np.log(size) / se
            expected = norm.sf(1.959964 - z) + norm.cdf(-1.959964 - z)
            assert one(rows, "power", size)["value"] == pytest.approx(expected, rel=1e-5)
        found = np.exp((1.959964 + 0.841621) * se)
        assert one(rows, "detectable_or")["value"] == pytest.approx(found, rel=1e-5)

    def test_the_textbook_information(self, make_pools):
        """(1.959964 + 0.841621)² / ln(OR)², of 1/v = 200 that 400 people gave."""
        rows = credibility_rows(make_pools(reported([0.1, 0.2], [0.1, 0.1]), CONFIG))
        for size in (1.1, 1.2, 1.5):
            required = 2.801585**2 / np.log(size) ** 2
            share = one(rows, "information_fraction", size)["value"]
            assert share == pytest.approx(200 / required, rel=1e-5)
            people = one(rows, "required_people", size)["value"]
            assert people == pytest.approx(400 * required / 200, abs=1)

    def test_hartung_knapp_has_less_power(self, make_pools):
        table = reported([0.1, 0.1 + 1e-9, 0.1, 0.1], [0.1] * 4)
        wald = one(credibility_rows(make_pools(table, CONFIG)), "power", 1.2)["value"]
        knapp = one(credibility_rows(make_pools(table, RANDOM)), "power", 1.2)["value"]
        # Non-central t on 3 df against the normal.
        assert knapp < wald - 0.1

    def test_people_who_are_not_stated_are_not_counted_on(self, make_pools):
        rows = credibility_rows(make_pools(reported([0.1], [0.1], people=False), CONFIG))
        (row,) = of(rows, "required_people").values()
        assert np.isnan(row["value"]) and "number of people" in row["reason"]
        assert one(rows, "information_fraction", 1.2)["value"] > 0
        assert "one study" in one(rows, "information_fraction", 1.2)["caution"]


class TestSequential:
    #: Variance of a study that adds a fifth of what an odds ratio of 1.2 needs.
    FIFTH = np.sqrt(np.log(1.2) ** 2 / 2.8015852**2 * 5)

    def test_the_published_boundary_of_five_looks(self, make_pools):
        """Reboussin, DeMets, Kim and Lan 2000: five equal looks, 0.05."""
        boundaries = [3.3569, 2.6803, 2.2898, 2.0310]
        for looks, boundary in zip((2, 3, 4, 5), boundaries, strict=True):
            # The variance is a shade larger, so that the last look is no more than all.
            se = [self.FIFTH * (1 + 1e-7)] * looks
            table = reported([0.2] * looks, se, years=range(2001, 2001 + looks))
            rows = credibility_rows(make_pools(table, CONFIG))
            assert one(rows, "sequential_boundary", 1.2)["value"] == pytest.approx(
                boundary, abs=3e-4
            )
            z = 0.2 * np.sqrt(looks) / self.FIFTH
            assert one(rows, "sequential_z", 1.2)["value"] == pytest.approx(z, rel=1e-5)
            assert one(rows, "sequential_crossed", 1.2)["value"] == (z >= boundary)
            assert one(rows, "sequential_crossed", 1.2)["caution"] == ""

    def test_it_is_the_years_that_order_the_studies(self, make_pools):
        """Information 0.2 then 1.0, or 0.8 then 1.0."""
        se = [self.FIFTH, self.FIFTH / 2]
        last = []
        for years in ((2001, 2002), (2002, 2001)):
            rows = credibility_rows(make_pools(reported([0.1, 0.1], se, years), CONFIG))
            last.append(one(rows, "sequential_boundary", 1.2)["value"])
        # The second spends most of its alpha at the first look.
        assert 1.95996 < last[0] < 1.9602 < 2.0 < last[1] < 2.1

    def test_the_boundary_of_the_look_that_reached_the_information(self, make_pools):
        se = [self.FIFTH / np.sqrt(3)] * 4
        rows = credibility_rows(make_pools(reported([0.2] * 4, se, range(2001, 2005)), CONFIG))
        row = one(rows, "sequential_boundary", 1.2)
        assert "with 2 of 4 studies" in row["caution"]
        # Looks at 0.6 and, cut, at 1: between the ordinary test and O'Brien and Fleming's.
        assert 1.96 < row["value"] < 2.06
        z = 0.2 * np.sqrt(12) / self.FIFTH
        assert one(rows, "sequential_z", 1.2)["value"] == pytest.approx(z, rel=1e-6)

    def test_an_effect_that_went_away(self, make_pools):
        years = range(2001, 2005)
        table = reported([0.6, 0.5, -0.4, -0.3], [self.FIFTH] * 4, years)
        rows = credibility_rows(make_pools(table, CONFIG))
        row = one(rows, "sequential_crossed", 1.2)
        assert row["value"] == 0 and "earlier look" in row["caution"]

    def test_without_years_there_is_no_order(self, make_pools):
        table = reported([0.2, 0.1], [0.1, 0.1], years=[2001, ""])
        rows = credibility_rows(make_pools(table, CONFIG))
        (row,) = of(rows, "sequential_boundary").values()
        assert np.isnan(row["value"]) and "year" in row["reason"]


class TestFailSafeAndExcess:
    @pytest.mark.parametrize("name", ["bcg", "nielweise2007", "made_up"])
    def test_agrees_with_metafor(self, make_pools, credibility, name):
        r = credibility["sets"][name]
        table = reported(r["yi"], np.sqrt(r["vi"]))
        rows = credibility_rows(make_pools(table, CONFIG))
        for kind in ("rosenthal", "orwin", "rosenberg"):
            row = one(rows, f"fail_safe_{kind}")
            assert row["value"] == r["fsn"][kind] and "fail-safe N" in row["caution"]
        expected = r["tes_equal_effects"]["exact"]
        assert one(rows, "excess_significance_observed")["value"] == expected["O"]
        assert one(rows, "excess_significance_expected")["value"] == pytest.approx(
            expected["E"], rel=1e-6
        )
        random = credibility_rows(make_pools(table, RANDOM))
        assert one(random, "excess_significance_expected")["value"] == pytest.approx(
            r["tes_reml"]["chi2"]["E"], rel=1e-5
        )


class TestWinnersCurse:
    def test_far_from_the_threshold_nothing_changes(self, make_pools):
        rows = credibility_rows(make_pools(reported([3.0], [0.1]), CONFIG))
        row = one(rows, "winners_curse_or")
        assert row["value"] == pytest.approx(np.exp(3.0), rel=1e-6)
        limits = [row["ci_low"], row["ci_high"]]
        assert limits == pytest.approx(np.exp([3 - 0.1959964, 3 + 0.1959964]), rel=1e-5)

    def test_near_it_the_estimate_shrinks(self, make_pools):
        rows = credibility_rows(make_pools(reported([-0.2], [0.1]), CONFIG))
        row = one(rows, "winners_curse_or")
        assert np.exp(-0.2) < row["value"] < 0.95 and row["ci_high"] > 1

    def test_only_what_was_significant_can_have_been_chosen(self, make_pools):
        for config, log_or in ((CONFIG, [0.19]), (RANDOM, [0.5, 0.7])):
            rows = credibility_rows(make_pools(reported(log_or, [0.1] * len(log_or)), config))
            row = one(rows, "winners_curse_or")
            assert np.isnan(row["value"]) and row["reason"] == "not significant"


class TestDifferences:
    STRATA = CONFIG + "strata: {ethnicity: {}}\n"

    def test_altman_and_blands_published_example(self, make_pools):
        """BMJ 2003;326:219: 0.67 (0.46 to 0.98) and 0.88 (0.71 to 1.08), ratio 0.76 (0.49 to 1.17).

        Each stratum's study twice, with twice the variance: a test needs more studies than strata.
        """
        logs = np.log([[0.67, 0.46, 0.98], [0.88, 0.71, 1.08]])
        se = np.sqrt(2) * (logs[:, 2] - logs[:, 1]) / (2 * 1.96)
        groups = ["Asian", "European"] * 2
        table = reported([*logs[:, 0]] * 2, [*se] * 2, ethnicity=groups)
        rows = credibility_rows(make_pools(table, self.STRATA))
        pair = "Asian / European"
        row = one(rows, f"ratio_of_odds_ratios: {pair}", stratum="Asian")
        assert row["value"] == pytest.approx(np.exp(-0.2726), abs=5e-5)
        assert [row["ci_low"], row["ci_high"]] == pytest.approx([0.49, 1.17], abs=0.006)
        # Between 1/1.1 and 1.1, of a normal with mean -0.2726 and standard deviation 0.2206.
        expected = np.diff(norm.cdf([-np.log(1.1), np.log(1.1)], -0.2726, 0.2206))[0]
        within = one(rows, f"probability_within_1.1: {pair}", stratum="Asian")["value"]
        assert within == pytest.approx(expected, abs=2e-4)
        below = norm.cdf(-logs[:, 0] / (se / np.sqrt(2)))
        opposite = below[0] * (1 - below[1]) + (1 - below[0]) * below[1]
        found = one(rows, f"probability_opposite: {pair}", stratum="Asian")["value"]
        assert found == pytest.approx(opposite, abs=2e-4)
        assert not any("/" in row["quantity"] for row in rows if row["stratum"] == "European")

    def test_a_stratum_of_two_studies_is_as_unsure_as_its_interval(self, make_pools):
        table = reported([0.5, 0.6, 0.1, 0.2], [0.1] * 4, ethnicity=[*"xxyy"])
        config = self.STRATA.replace("EE", "REML")
        pools = make_pools(table, config)
        row = one(credibility_rows(pools), "ratio_of_odds_ratios: x / y", stratum="x")
        widths = [np.log(r["ci_high"] / r["ci_low"]) for r in pools.rows if r["stratum"] != "all"]
        assert np.log(row["ci_high"] / row["ci_low"]) == pytest.approx(np.hypot(*widths), rel=1e-9)

    def test_pairs_are_counted_and_strata_that_are_not_compared_say_why(self, make_pools):
        table = reported([0.5, 0.6, 0.1, 0.2], [0.1] * 4, ethnicity=[*"xxyz"])
        rows = credibility_rows(make_pools(table, self.STRATA))
        pairs = [row for row in rows if row["quantity"].startswith("ratio_of")]
        assert [row["quantity"][-5:] for row in pairs] == ["x / y", "x / z", "y / z"]
        assert all("one of 3" in row["caution"] for row in pairs)
        alone = reported([0.5, 0.6], [0.1] * 2, ethnicity=[*"xx"])
        rows = credibility_rows(make_pools(alone, self.STRATA))
        (row,) = [row for row in rows if row["quantity"].startswith("ratio_of")]
        assert row["stratum"] == "x" and "one stratum" in row["reason"]


def test_one_study_has_reasons_where_several_are_needed(make_pools):
    rows = credibility_rows(make_pools(reported([0.3], [0.1], [2001]), CONFIG))
    without = {row["quantity"]: row["reason"] for row in rows if np.isnan(row["value"])}
    assert set(without) == {
        *(f"fail_safe_{kind}" for kind in ("rosenthal", "orwin", "rosenberg")),
        *(f"excess_significance_{kind}" for kind in ("observed", "expected")),
        *(f"sequential_{kind}" for kind in ("z", "boundary", "crossed")),
    }
    assert all("one study" in reason for reason in without.values())


def test_an_infinite_odds_ratio_has_reasons(make_pools):
    config = CONFIG.replace("[allelic]", "[recessive]").replace("tau2: EE", "method: exact")
    pools = make_pools(counts([20, 10, 5, 25, 10, 0], [30, 10, 4, 35, 10, 0]), config)
    (row,) = pools.rows
    assert np.isinf(row["or"]) and row["k"] == 2
    rows = credibility_rows(pools)
    for name in ("fprp", "bfdp", "log10_bayes_factor", "winners_curse_or"):
        (cell,) = of(rows, name).values()
        assert np.isnan(cell["value"]) and "no finite estimate" in cell["reason"]
    assert "not by exact" in one(rows, "power", 1.2)["caution"]


def test_a_stratum_with_an_infinite_odds_ratio_is_not_compared(make_pools):
    config = CONFIG.replace("[allelic]", "[recessive]").replace("tau2: EE", "method: exact")
    table = counts([20, 10, 5, 25, 10, 0], [30, 10, 4, 35, 10, 2], [20, 30, 9, 25, 30, 7])
    lines = table["a.csv"].replace("study,", "study,ethnicity,").splitlines()
    groups = ["", "x", "y", "y"]
    lines[1:] = [x.replace(",", f",{g},", 1) for x, g in zip(lines[1:], groups[1:], strict=True)]
    pools = make_pools({"a.csv": "\n".join(lines)}, config + "strata: {ethnicity: {}}\n")
    assert pools.results.strata[0]["strata"] == 2
    (row,) = [r for r in credibility_rows(pools) if r["quantity"].startswith("ratio_of")]
    assert np.isnan(row["value"]) and row["reason"]


METHODS = ["mantel-haenszel", "peto", "exact", "UM.FS", "UM.RS", "CM.EL", "CM.AL", "bayes"]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_number_or_a_reason(make_pools, method):
    config = CONFIG.replace("[allelic]", "[allelic, recessive]").replace(
        "tau2: EE", f"method: {method}"
    )
    rows = credibility_rows(
        make_pools(counts([20, 30, 9, 25, 30, 0], [30, 40, 8, 35, 30, 9]), config)
    )
    assert len({row["quantity"] for row in rows}) == 16
    for row in rows:
        assert np.isnan(row["value"]) == bool(row["reason"]), row


def test_no_pool_has_no_rows(make_pools):
    pools = make_pools({}, CONFIG)
    assert credibility_rows(pools) == [] and pools.results.pooled[0]["k"] == 0
