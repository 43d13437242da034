"""What a forest plot says: labels, counts, weights, blocks, notes and caption."""

import math
import re
from dataclasses import replace

import pandas as pd
import pytest

from genopool.figures.forest import forest_plot

THREE = ((20, 30, 10), (25, 30, 5))


@pytest.fixture
def draw(question, drawn):
    def draw(built, stratifier="overall", question=question, **arguments):
        return drawn(forest_plot(*built, stratifier=stratifier, question=question, **arguments))

    return draw


def said(picture):
    """All of the text in reading order; lines of a paragraph are joined by blanks."""
    return " ".join(picture.strings)


def test_rows_as_meta_prints_them(il8, draw):
    """Counts, odds ratios and intervals of forest_meta.png, which R's meta drew."""
    picture = draw(il8(), "ethnicity")
    assert picture.row("Bo")[:7] == ["Bo", "172", "208", "164", "190", "0.76", "[0.44, 1.31]"]
    ramis = ["Ramis", "5", "9", "31", "38", "0.28", "[0.06, 1.33]"]
    assert picture.row("Ramis")[:7] == ramis
    assert picture.row("Pooled, 17 studies")[1:3] == ["3,818", "4,767"]
    assert picture.row("Pooled, 9 studies")[1:3] == ["1,468", "3,233"]
    assert picture.row("Overall, 26 studies")[1:3] == ["5,286", "8,000"]


def test_numbers_and_weights_are_those_of_the_tables(il8, draw):
    built = il8()
    picture = draw(built, "ethnicity")
    weights = {}
    for row in built.effects:
        weights.setdefault(row["study"], {})[row["stratifier"]] = row["weight"]
    for study, of in weights.items():
        expected = [f"{of['ethnicity']:.1f}%", f"{of['overall']:.1f}%"]
        assert picture.row(study)[-2:] == expected
    whole = built.pooled[0]
    limits = f"[{whole['ci_low']:.2f}, {whole['ci_high']:.2f}]"
    assert picture.row("Overall, 26 studies")[-3:] == [f"{whole['or']:.2f}", limits, "100.0%"]
    limits = f"[{whole['pi_low']:.2f}, {whole['pi_high']:.2f}]"
    assert picture.row("95% prediction interval")[-1] == limits
    asian = [r["study"] for r in built.effects if r["stratum"] == "Asian"]
    share = sum(weights[study]["overall"] for study in asian)
    assert picture.row("Pooled, 17 studies")[-2:] == ["100.0%", f"{share:.1f}%"]


def test_heterogeneity_stands_under_each_diamond(il8, draw):
    built = il8()
    picture = draw(built, "ethnicity")
    for row in built.pooled:
        line = (
            f"Heterogeneity: τ² = {row['tau2']:.3f}, I² = {row['i2']:.1f}%, "
            f"Q = {row['q']:.2f} (df {row['q_df']}), p = 0.0346"
        )
        assert line in picture.strings


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        ({}, "Test between strata: F(1, 24) = 2.84, p = 0.105 (common τ²)"),
        (
            {"distribution": "chi2", "tau2_between": "separate", "df2": "", "p_value": 0.02119,
             "statistic": 5.311402},
            "Test between strata: χ²(1) = 5.31, p = 0.0212 (separate τ²)",
        ),
        (
            {"statistic": "", "p_value": math.nan, "reason": "fewer than two strata"},
            "Test between strata: not made (fewer than two strata)",
        ),
    ],
)  # fmt: skip
def test_the_test_between_strata_or_why_there_is_none(il8, draw, cells, line):
    built = il8()
    built.strata[0] |= cells
    assert line in draw(built, "ethnicity").strings
    assert "between strata" not in said(draw(built))


def test_the_overall_p_value_is_given_where_the_limits_round_to_1(il8, draw):
    built = il8()
    built.pooled[0]["p_value"] = 0.04936
    assert "Test of an odds ratio of 1: p = 0.0494" in draw(built).strings


def test_the_additive_model_shows_frequencies_and_people(il8, draw):
    picture = draw(il8("additive", studies=1))
    # Bo: 36, 108, 64 of 208 cases and 26, 96, 68 of 190 controls have 0, 1, 2 copies.
    cases, controls = 100 * (108 + 2 * 64) / 416, 100 * (96 + 2 * 68) / 380
    assert picture.row("Bo")[1:5] == [f"{cases:.1f}", "208", f"{controls:.1f}", "190"]
    assert picture.strings.count("EAF, %") == picture.strings.count("People") == 2
    assert "Effect-allele frequency (EAF) in controls: 31.2% to 68.0%." in said(picture)


def test_the_allelic_model_counts_alleles(il8, draw):
    picture = draw(il8("allelic", studies=2))
    assert picture.row("Bo")[1:5] == ["236", "416", "232", "380"]
    assert picture.strings.count("Alleles") == 2
    assert picture.row("Overall, 2 studies")[1:3] == [
        f"{2 * (208 + 333):,}",
        f"{2 * (190 + 693):,}",
    ]


def test_divided_controls_keep_a_decimal(tables, draw):
    built = tables().add("Half", (20, 30, 10), (12.5, 15, 2.5)).pool()
    assert draw(built).row("Half")[3:5] == ["17.5", "30"]


def test_a_reported_estimate_has_people_but_no_counts(many_kinds, draw):
    built, question = many_kinds
    picture = draw(built, question=question)
    assert picture.row("PMID 25960224")[1:7] == ["–", "465", "–", "799", "1.34", "[1.06, 1.70]"]
    assert picture.row("Wagner 2005 (familial series) †")[1:5] == ["–"] * 4
    assert "Open square: odds ratio as the study reports it" in said(picture)
    assert "Totals leave out one estimate that does not state the number of people." in said(
        picture
    )


def test_studies_outside_every_stratum_stand_in_a_last_block(many_kinds, draw):
    built, question = many_kinds
    picture = draw(built, "ethnicity", question)
    heading = picture.box("Not classified")[1]
    outside = ["Nowhere", "Marin (hypertensive pregnancy) †", "Wagner 2005 (familial series) †"]
    for label in outside:
        assert picture.box(label)[1] > heading
        assert picture.row(label)[-2] == "–"
    for label in ("Biobank §", "Small", "Alone", "PMID 25960224"):
        assert picture.box(label)[1] < heading
    # No diamond of its own: nothing pooled stands between its last row and the overall result.
    pooled = [b[1] for s, b in zip(picture.strings, picture.boxes, strict=True) if "Pooled," in s]
    assert max(pooled) < heading < picture.box("Overall, 11 studies")[1]


def test_signs_are_explained(many_kinds, draw):
    built, question = many_kinds
    text = said(draw(built, question=question))
    assert "† Part of a study of which no result for the whole can be used." in text
    assert "§ Alleles turned round, as the configuration asks." in text
    assert "* Counts entered with a continuity correction." in text
    assert "‡" not in text
    assert "Corrected *" in text
    assert "Simulated data." in text


def test_rows_left_out_are_counted_and_not_drawn(many_kinds, tables, draw):
    built, question = many_kinds
    picture = draw(built, question=question)
    assert "Zero" not in picture.strings
    assert "1 row is not used: double zero." in said(picture)
    extra = {"used": "no", "weight": ""}
    built = tables().add("A", *THREE)
    built.add("Zero", *THREE, reason="double zero", **extra)
    built.add("One", *THREE, reason="an estimate of 1 has no standard error", **extra)
    built.add("Two", *THREE, reason="an estimate of 1 has no standard error", **extra)
    assert (
        "3 rows are not used: double zero (1); an estimate of 1 has no standard error (2)."
    ) in said(draw(built.pool()))


@pytest.fixture
def parts_and_whole(tables):
    """A whole in the overall pool, its parts in the strata; by hand, as RULES has it."""
    built = tables()
    built.add("Arafat 2025", (11, 22, 79), (104, 72, 46))
    parts = (("pre", (5, 15, 51), (88, 58, 32)), ("post", (6, 7, 28), (16, 14, 14)))
    for name, cases, controls in parts:
        built.add("Arafat 2025", cases, controls, population=f"{name}menopausal", stratum=name)
        # In the overall analysis the part is a candidate that the whole contains.
        built.effects[-2] |= {"used": "no", "reason": "contained in Arafat 2025 (whole)"}
    return built


def overall_weights(built, picture):
    """The printed overall weights of all studies, of which the last column has one each."""
    shares = {}
    for label in picture.strings[: picture.strings.index("Overall, 2 studies")]:
        row = picture.row(label)
        if row[0] == label and len(row) > 6 and not label.startswith(("Study", "Pooled")):
            shares[label] = row[-1]
    return shares


def test_a_whole_whose_parts_are_in_the_strata_stands_in_the_last_block(parts_and_whole, draw):
    built = parts_and_whole.add("Other", *THREE).pool()
    picture = draw(built, "ethnicity")
    heading = picture.box("Not classified")[1]
    assert picture.box("Arafat 2025")[1] > heading
    assert picture.row("Arafat 2025")[1:5] == ["101", "112", "118", "222"]
    part = picture.row("Arafat 2025 (premenopausal) ‡")
    assert part[1:5] == ["66", "71", "90", "178"]
    assert part[-2:] == ["100.0%", "–"]
    text = said(picture)
    assert "‡ Also counted, within the whole study (Arafat 2025), in the overall estimate." in text
    assert "that of a row marked ‡ to its precision, on the same scale." in text
    assert "not used" not in text
    assert "2 rows are not used: contained in another row." in said(draw(built))


def test_printed_overall_weights_add_to_100_without_those_of_parts(parts_and_whole, draw):
    built = parts_and_whole.add("Other", *THREE).pool()
    shares = overall_weights(built, draw(built, "ethnicity"))
    assert sorted(shares.values())[-2:] == ["–", "–"]
    printed = {k: float(v[:-1]) for k, v in shares.items() if v != "–"}
    assert set(printed) == {"Arafat 2025", "Other"}
    assert sum(printed.values()) == pytest.approx(100, abs=0.11)


def test_wholes_alone_in_the_last_block_head_it(parts_and_whole, draw):
    parts_and_whole.add("Other", *THREE, stratum="pre")
    picture = draw(parts_and_whole.pool(), "ethnicity")
    assert "Not classified" not in picture.strings
    heading = picture.box("Whole studies, whose parts are above")[1]
    assert picture.box("Arafat 2025")[1] > heading > picture.box("Other")[1]
    assert len(picture.shapes("overall diamond")) == 1


def test_one_whole_is_its_own_overall_result(parts_and_whole, draw):
    built = parts_and_whole.pool()
    picture = draw(built, "ethnicity")
    assert not picture.shapes("overall diamond")
    assert picture.row("Arafat 2025")[-1] == "100.0%"
    assert "Overall – one study: its own estimate" in picture.strings
    alone = draw(built)
    assert not alone.shapes("overall diamond")
    assert "One study: its own estimate" in alone.strings
    assert "One study alone is not pooled; Wald 95% CI." in said(alone)


def test_a_method_that_changes_the_result_of_one_study_has_its_diamond(tables, draw):
    cells = {"method": "bayes", "interval": "equal-tailed", "reason": "one study: prior alone"}
    built = tables().add("Only", *THREE).pool(ci_low=0.1, ci_high=4.0, **cells)
    picture = draw(built)
    assert picture.row("Overall, 1 study")[-2:] == ["[0.10, 4.00]", "100.0%"]
    assert "One study: prior alone" in picture.strings


def test_the_square_of_a_part_has_the_area_of_its_precision(parts_and_whole, draw):
    """By DerSimonian and Laird the weight is 1 / (se² + τ²), which a part has too."""
    built = parts_and_whole.add("Other", *THREE).pool()
    picture = draw(built, "ethnicity")
    tau2 = built.pooled[0]["tau2"]
    assert tau2 > 0
    sides = [max(shape[:, 0]) - min(shape[:, 0]) for shape in picture.shapes("squares")]
    shown = [r for r in built.effects if r["stratifier"] == "ethnicity"]
    shown += [r for r in built.effects if r["stratifier"] == "overall" and r["used"] == "yes"]
    precision = [1 / (row["se"] ** 2 + tau2) for row in shown]
    areas = [(side / max(sides)) ** 2 for side in sides]
    assert areas == pytest.approx([p / max(precision) for p in precision])


def test_a_part_of_a_part_is_told_by_the_stratifiers_they_fill(tables, draw):
    built = tables()
    built.add("S", *THREE, population="hospital A", country="Ghana", ethnicity="")
    built.add("S", *THREE, population="hospital B", country="Togo", ethnicity="")
    built.add("S", *THREE, population="A, Akan", country="Ghana", ethnicity="Akan",
              stratum="Akan", overall=False)  # fmt: skip
    built.add("T", *THREE, population="Mali", country="Mali", stratum="Akan", overall=False)
    built.pool()
    for stratifier in ("country", "ethnicity"):
        built.pooled.append(built.pooled[0] | {"stratifier": stratifier, "stratum": "x", "k": 0})
    picture = draw(built, "ethnicity")
    heading = picture.box("Not classified")[1]
    for label in ("S (hospital A) †", "S (hospital B) †"):
        assert picture.box(label)[1] > heading > picture.box("S (A, Akan) ‡")[1]
    assert "T (Mali): not in the overall estimate as a row of its own." in said(picture)


@pytest.fixture
def combined(tables):
    """G5 and G6 share controls: one row overall, and one in each stratum."""
    shared = {"control_group": "pool"}
    built = tables().add("Other", *THREE, stratum="East")
    built.add("G5 + G6", (40, 60, 20), (25, 30, 5), **shared)
    why = {"used": "no", "reason": "cases counted with G5 + G6 (shared controls)"}
    built.add("G6", *THREE, **shared, **why)
    built.effects[-1] |= dict.fromkeys(("log_or", "se", "or", "ci_low", "ci_high"), "")
    for name, stratum in (("G5", "East"), ("G6", "West")):
        built.add(name, *THREE, stratum=stratum, overall=False, **shared)
    return built.pool()


def test_rows_combined_for_shared_controls_are_not_unused(combined, draw):
    picture = draw(combined)
    assert picture.row("G5 + G6")[1:3] == ["80", "120"]
    assert "G6" not in picture.strings
    text = said(picture)
    assert "Combined, since they share controls: G5 + G6." in text
    assert "not used" not in text


def test_members_of_a_combined_row_are_counted_within_it(combined, draw):
    picture = draw(combined, "ethnicity")
    heading = picture.box("Combined, since they share controls")[1]
    assert picture.box("G5 + G6")[1] > heading > picture.box("G6 ‡")[1]
    assert "‡ Also counted, within the combined row (G5 + G6), in the overall" in said(picture)
    shares = overall_weights(combined, picture)
    assert sum(float(v[:-1]) for v in shares.values() if v != "–") == pytest.approx(100, abs=0.11)


def test_other_numbers_in_the_overall_estimate_are_said(tables, draw):
    built = tables().add("One", *THREE, stratum="East").add("Two", *THREE, stratum="West")
    built.pool()
    assert "other counts" not in said(draw(built, "ethnicity"))
    built.effects[0]["se"] *= 1.1  # halved controls: the same odds ratio, less sure
    assert "Some rows have other counts or corrections in the overall" in said(
        draw(built, "ethnicity")
    )


def test_a_stratum_of_one_study_is_that_study(many_kinds, draw):
    built, question = many_kinds
    picture = draw(built, "ethnicity", question)
    heading = picture.box("Middle Eastern and North African")
    study, reason = picture.box("Alone"), picture.box("One study: its own estimate")
    assert heading[3] <= study[1] + 0.3 < study[3] <= reason[1] + 1.5
    diamonds = picture.shapes("diamonds")
    assert not [d for d in diamonds if heading[1] < d[:, 1].mean() < reason[3]]
    assert len(diamonds) == 2


def test_a_stratum_without_studies_gives_its_reason(il8, draw):
    built = il8(studies=3)
    empty = built.pooled[0] | {"stratifier": "ethnicity", "stratum": "African", "k": 0}
    built.pooled.append(empty | {"reason": "no study of Africans"})
    picture = draw(built, "ethnicity")
    assert picture.box("African")[3] <= picture.box("No study of Africans")[1] + 1.5


def test_what_is_said_of_several_lone_studies_is_a_footnote(tables, draw):
    built = tables()
    for name in ("East", "West", "North"):
        built.add(f"Of the {name}", *THREE, stratum=name)
    picture = draw(built.pool(reasons={"North": "one study: twins"}), "ethnicity")
    assert {"East ¶", "West ¶", "North"} <= set(picture.strings)
    assert "One study: its own estimate" not in picture.strings
    assert "¶ One study: its own estimate." in said(picture)
    assert picture.box("Of the North")[3] <= picture.box("One study: twins")[1] + 1.5


def test_a_remark_on_every_diamond_is_made_once(il8, draw):
    built = il8()
    remark = "Mantel-Haenszel: one odds ratio for all, no tau²"
    for row in built.pooled:
        row["reason"] = remark
    built.pooled[1]["reason"] += "; check this"
    picture = draw(built, "ethnicity")
    assert said(picture).count("Mantel-Haenszel: one odds ratio for all, no τ²") == 1
    assert "Check this" in picture.strings


def test_no_study_at_all_is_said(tables, draw):
    picture = draw(tables().pool())
    assert "No study answers this question" in picture.strings
    assert not picture.shapes("squares")


def test_rows_and_studies_are_told_apart(tables, draw):
    built = tables().add("S", *THREE, population="east").add("S", *THREE, population="west").pool()
    assert "Overall, 2 rows of 1 study" in draw(built).strings


def test_the_caption_says_what_is_compared(il8, draw, question):
    text = said(draw(il8(studies=3)))
    assert "Odds ratio of gastric cancer: AT + TT vs AA (effect allele T, dominant model)." in text
    assert "Below 1: lower odds of gastric cancer with AT + TT; above 1: higher odds" in text
    assert "Effect-allele frequency in controls: 31.2% to 68.0%." in text
    other = replace(question, below_one="protection", above_one="harm", frequency_range=None)
    text = said(draw(il8(studies=3), question=other))
    assert "Below 1: protection; above 1: harm." in text
    assert "in controls: not known, since no study gives genotype counts." in text


def test_the_title_names_the_stratifier(il8, draw, question):
    built = il8(studies=3)
    for table in built:
        for row in table:
            if row["stratifier"] == "ethnicity":
                row["stratifier"] = "self_reported"
    assert draw(built).strings[:2] == [
        "IL-8 -251 A/T: AT + TT vs AA",
        "Gastric cancer · dominant model",
    ]
    subtitle = draw(built, "self_reported").strings[1]
    assert subtitle == "Gastric cancer · dominant model · by self reported"
    named = replace(question, stratifier="what people said")
    assert draw(built, "self_reported", named).strings[1].endswith("by what people said")


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        ({"tau2_method": "REML", "interval": "hartung-knapp"},
         "Random effects, inverse variance, τ² by restricted maximum likelihood (REML), "
         "Hartung-Knapp 99% CI. Single studies: Wald 99% CI."),
        ({"tau2_method": "EE"}, "Equal effects, inverse variance, Wald 99% CI. The area"),
        ({"method": "peto", "tau2_method": ""}, "Peto, one common odds ratio, Wald 99% CI."),
        ({"interval": "hartung-knapp-adhoc"},
         "τ² by DerSimonian and Laird (DL), Hartung-Knapp (never narrower than Wald) 99% CI."),
        ({"prediction": "riley"}, "Prediction interval after Riley et al. (2011)"),
        ({"prediction": "default"}, "Wald 99% CI. The area of a square"),
    ],
)  # fmt: skip
def test_the_method_and_the_level(il8, draw, cells, line):
    built = il8(studies=3)
    built.pooled[0] |= cells
    picture = draw(built, level=0.99)
    assert line in said(picture)
    assert "99% CI" in picture.strings
    assert "99% prediction interval" in picture.strings


def test_a_method_without_weights_has_no_column_of_them(il8, draw):
    built = il8()
    for row in built.effects:
        row["weight"] = math.nan
    for row in built.pooled:
        row |= {"method": "UM.RS", "tau2_method": "ML", "pi_low": "", "pi_high": ""}
    for by in ("overall", "ethnicity"):
        picture = draw(built, by)
        assert not {"Weight", "Stratum", "Overall", "100.0%"} & set(picture.strings)
        assert picture.row("Bo")[-1] == "[0.44, 1.31]"
        sides = [max(shape[:, 0]) - min(shape[:, 0]) for shape in picture.shapes("squares")]
        assert sides == pytest.approx([sides[0]] * 26)
        assert "no weights, so all squares have the same size" in said(picture)
        assert "likelihood-ratio Q = " in said(picture)


def test_a_bayesian_result_is_no_confidence_interval(il8, draw):
    built = il8(studies=3)
    cells = {"method": "bayes", "tau2_method": "", "interval": "shortest", "p_value": math.nan}
    built.pooled[0] |= cells | dict.fromkeys(("q", "q_df", "q_p"), math.nan)
    picture = draw(built)
    assert "95% interval" in picture.strings
    assert "95% CI" not in picture.strings
    assert "shortest 95% credible interval. Single studies: Wald 95% CI." in said(picture)
    assert f"Heterogeneity: τ² = {built.pooled[0]['tau2']:.3f}" in said(picture)
    assert "Q =" not in said(picture)
    assert "Test of" not in said(picture)


def test_a_method_without_tau2_compares_strata_without_it(il8, draw):
    built = il8()
    built.pooled[0] |= {"method": "mantel-haenszel", "tau2_method": "", "tau2": ""}
    assert "Test between strata: F(1, 24) = 2.84, p = 0.105" in draw(built, "ethnicity").strings


def test_an_exact_result_of_0_has_its_limit_and_no_diamond(il8, draw):
    built = il8(studies=3)
    built.pooled[0] |= {"method": "exact", "log_or": -math.inf, "or": 0.0, "ci_low": 0.0}
    picture = draw(built)
    high = built.pooled[0]["ci_high"]
    assert picture.row("Overall, 3 studies")[-3:-1] == ["0", f"[0, {high:.2f}]"]
    assert not picture.shapes("overall diamond")
    assert len(picture.shapes("intervals")) == 4
    assert len(picture.shapes("arrows")) == 1


@pytest.mark.parametrize("model", ["homozygous", "heterozygous", "dominant"])
def test_totals_of_unlike_people_are_explained(tables, draw, model):
    built = tables().add("Counted", *THREE)
    built.add_reported("Stated", 1.3, 1.1, 1.6, n_cases=465, n_controls=799).pool()
    unlike = "those of reported estimates are everyone genotyped"
    assert unlike not in said(draw(built))
    for table in built:
        for row in table:
            row["model"] = model
    assert (unlike in said(draw(built))) == (model != "dominant")
    built.effects[-1] |= {"n_cases": math.nan, "n_controls": math.nan}
    assert unlike not in said(draw(built))


def test_a_correction_for_drawing_only_is_told_from_one_of_the_pool(many_kinds, draw):
    built, question = many_kinds
    rows = [row | {"method": "peto"} for row in built.pooled]
    picture = draw((built.effects, rows, []), question=question)
    assert "* Drawn with a continuity correction; the pooled results use the counts" in said(
        picture
    )


def test_missing_glyphs_are_pointed_out(tables, draw):
    missing = "Some characters are not in the font of this figure"
    named = tables().add("王 2011", *THREE).add("Müller 2010", *THREE).pool()
    assert missing in said(draw(named))
    assert missing not in said(draw(tables().add("Müller 2010 τ²", *THREE).pool()))


def test_headings_keep_genotypes_whole(il8, draw, question):
    heading = "reference/variant + variant/variant"
    strings = draw(il8(studies=3), question=replace(question, exposed_heading=heading)).strings
    assert "reference/variant" in strings
    assert "+ variant/variant" in strings


def test_blanks_of_a_data_frame_are_blanks(many_kinds, question):
    built, _ = many_kinds
    frames = [pd.DataFrame(table).replace("", math.nan) for table in built]
    for by in ("overall", "ethnicity"):
        one = forest_plot(*built, stratifier=by, question=question)
        other = forest_plot(*frames, stratifier=by, question=question)
        strings = [
            [t.get_text() for t in f.artists if hasattr(t, "get_text")] for f in (one, other)
        ]
        assert strings[0] == strings[1]
        assert not re.search(r"\bnan\b|None", " ".join(strings[0]))


def test_what_cannot_be_drawn_is_refused(il8, tables, question):
    built = il8(studies=3)
    with pytest.raises(ValueError, match=r"unknown stratifier 'etnicity'.*overall, ethnicity"):
        forest_plot(*built, stratifier="etnicity", question=question)
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        forest_plot(*built, stratifier="overall", question=question, level=95)
    with pytest.raises(ValueError, match="one model, not dominant, recessive"):
        mixed = (built.effects, [*built.pooled, built.pooled[0] | {"model": "recessive"}], [])
        forest_plot(*mixed, stratifier="overall", question=question)
    with pytest.raises(ValueError, match="0 rows of stratifier 'overall'"):
        forest_plot(built.effects, built.pooled[1:], [], stratifier="ethnicity", question=question)
