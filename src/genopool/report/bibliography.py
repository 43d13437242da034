"""The papers that the methods rest on, by the keys that the methods section names them with."""

from __future__ import annotations

# (citation, DOI); a blank DOI is one that does not exist or has signs that no link is built from.
REFERENCES = {
    "benjamini": (
        "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful "
        "approach to multiple testing. J R Stat Soc B 1995;57:289–300.",
        "10.1111/j.2517-6161.1995.tb02031.x",
    ),
    "brannick": (
        "Brannick MT, Potter SM, Benitez B, Morris SB. Bias and precision of alternate "
        "estimators in meta-analysis: benefits of blending Schmidt-Hunter and Hedges approaches. "
        "Organ Res Methods 2019;22:490–514.",
        "10.1177/1094428117741966",
    ),
    "chen_manning": (
        "Chen H, Manning AK, Dupuis J. A method of moments estimator for random effect "
        "multivariate meta-analysis. Biometrics 2012;68:1278–1284.",
        "10.1111/j.1541-0420.2012.01761.x",
    ),
    "clayton": (
        "Clayton D. Testing for association on the X chromosome. Biostatistics 2008;9:593–600.",
        "10.1093/biostatistics/kxn007",
    ),
    "dersimonian": (
        "DerSimonian R, Laird N. Meta-analysis in clinical trials. Control Clin Trials "
        "1986;7:177–188.",
        "10.1016/0197-2456(86)90046-2",
    ),
    "duval": (
        "Duval S, Tweedie R. Trim and fill: a simple funnel-plot-based method of testing and "
        "adjusting for publication bias in meta-analysis. Biometrics 2000;56:455–463.",
        "10.1111/j.0006-341X.2000.00455.x",
    ),
    "friede": (
        "Friede T, Röver C, Wandel S, Neuenschwander B. Meta-analysis of few small studies in "
        "orphan diseases. Res Synth Methods 2017;8:79–91.",
        "10.1002/jrsm.1217",
    ),
    "harbord": (
        "Harbord RM, Egger M, Sterne JAC. A modified test for small-study effects in "
        "meta-analyses of controlled trials with binary endpoints. Stat Med 2006;25:3443–3457.",
        "10.1002/sim.2380",
    ),
    "hardy": (
        "Hardy RJ, Thompson SG. A likelihood approach to meta-analysis with random effects. Stat "
        "Med 1996;15:619–629.",
        "",
    ),
    "hartung": (
        "Hartung J, Knapp G. A refined method for the meta-analysis of controlled clinical "
        "trials with binary outcome. Stat Med 2001;20:3875–3889.",
        "10.1002/sim.1009",
    ),
    "hedges": (
        "Hedges LV. A random effects model for effect sizes. Psychol Bull 1983;93:388–395.",
        "10.1037/0033-2909.93.2.388",
    ),
    "henmi": (
        "Henmi M, Copas JB. Confidence intervals for random effects meta-analysis and robustness "
        "to publication bias. Stat Med 2010;29:2969–2983.",
        "10.1002/sim.4029",
    ),
    "higgins2002": (
        "Higgins JPT, Thompson SG. Quantifying heterogeneity in a meta-analysis. Stat Med "
        "2002;21:1539–1558.",
        "10.1002/sim.1186",
    ),
    "higgins2009": (
        "Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects "
        "meta-analysis. J R Stat Soc A 2009;172:137–159.",
        "10.1111/j.1467-985X.2008.00552.x",
    ),
    "higgins_thompson": (
        "Higgins JPT, Thompson SG. Controlling the risk of spurious findings from "
        "meta-regression. Stat Med 2004;23:1663–1682.",
        "10.1002/sim.1752",
    ),
    "huizenga": (
        "Huizenga HM, Visser I, Dolan CV. Testing overall and moderator effects in random "
        "effects meta-regression. Br J Math Stat Psychol 2011;64:1–19.",
        "10.1348/000711010X522687",
    ),
    "iqwig": (
        "Institute for Quality and Efficiency in Health Care (IQWiG). General Methods, version "
        "6.1. Cologne, 2022.",
        "",
    ),
    "jackson": (
        "Jackson D, Law M, Stijnen T, Viechtbauer W, White IR. A comparison of seven "
        "random-effects models for meta-analyses that estimate the summary odds ratio. Stat Med "
        "2018;37:1059–1085.",
        "10.1002/sim.7588",
    ),
    "kacker": (
        "DerSimonian R, Kacker R. Random-effects model for meta-analysis of clinical trials: an "
        "update. Contemp Clin Trials 2007;28:105–114.",
        "10.1016/j.cct.2006.04.004",
    ),
    "kenward": (
        "Kenward MG, Roger JH. Small sample inference for fixed effects from restricted maximum "
        "likelihood. Biometrics 1997;53:983–997.",
        "10.2307/2533558",
    ),
    "knapp": (
        "Knapp G, Hartung J. Improved tests for a random effects meta-regression with a single "
        "covariate. Stat Med 2003;22:2693–2710.",
        "10.1002/sim.1482",
    ),
    "mantel": (
        "Mantel N, Haenszel W. Statistical aspects of the analysis of data from retrospective "
        "studies of disease. J Natl Cancer Inst 1959;22:719–748.",
        "10.1093/jnci/22.4.719",
    ),
    "mehta": (
        "Mehta CR, Patel NR, Gray R. Computing an exact confidence interval for the common odds "
        "ratio in several 2×2 contingency tables. J Am Stat Assoc 1985;80:969–973.",
        "10.1080/01621459.1985.10478212",
    ),
    "morris": (
        "Morris CN. Parametric empirical Bayes inference: theory and applications. J Am Stat "
        "Assoc 1983;78:47–55.",
        "10.2307/2287098",
    ),
    "nagashima": (
        "Nagashima K, Noma H, Furukawa TA. Prediction intervals for random-effects "
        "meta-analysis: a confidence distribution approach. Stat Methods Med Res "
        "2019;28:1689–1702.",
        "10.1177/0962280218773520",
    ),
    "partlett": (
        "Partlett C, Riley RD. Random effects meta-analysis: coverage performance of 95% "
        "confidence and prediction intervals following REML estimation. Stat Med 2017;36:301–317.",
        "10.1002/sim.7140",
    ),
    "paule": (
        "Paule RC, Mandel J. Consensus values and weighting factors. J Res Natl Bur Stand "
        "1982;87:377–385.",
        "10.6028/jres.087.022",
    ),
    "riley": (
        "Riley RD, Higgins JPT, Deeks JJ. Interpretation of random effects meta-analyses. BMJ "
        "2011;342:d549.",
        "10.1136/bmj.d549",
    ),
    "robins": (
        "Robins J, Breslow N, Greenland S. Estimators of the Mantel-Haenszel variance consistent "
        "in both sparse data and large-strata limiting models. Biometrics 1986;42:311–323.",
        "10.2307/2531052",
    ),
    "rover": (
        "Röver C. Bayesian random-effects meta-analysis using the bayesmeta R package. J Stat "
        "Softw 2020;93(6):1–51.",
        "10.18637/jss.v093.i06",
    ),
    "ruecker_arcsine": (
        "Rücker G, Schwarzer G, Carpenter J. Arcsine test for publication bias in meta-analyses "
        "with binary outcomes. Stat Med 2008;27:746–763.",
        "10.1002/sim.2971",
    ),
    "ruecker_limit": (
        "Rücker G, Schwarzer G, Carpenter JR, Binder H, Schumacher M. Treatment-effect estimates "
        "adjusted for small-study effects via a limit meta-analysis. Biostatistics "
        "2011;12:122–142.",
        "10.1093/biostatistics/kxq046",
    ),
    "sasieni": (
        "Sasieni PD. From genotypes to genes: doubling the sample size. Biometrics "
        "1997;53:1253–1261.",
        "10.2307/2533494",
    ),
    "sidik": (
        "Sidik K, Jonkman JN. Simple heterogeneity variance estimation for meta-analysis. J R "
        "Stat Soc C 2005;54:367–384.",
        "10.1111/j.1467-9876.2005.00489.x",
    ),
    "stanley": (
        "Stanley TD, Doucouliagos H. Meta-regression approximations to reduce publication "
        "selection bias. Res Synth Methods 2014;5:60–78.",
        "10.1002/jrsm.1095",
    ),
    "sterne": (
        "Sterne JAC, Sutton AJ, Ioannidis JPA, et al. Recommendations for examining and "
        "interpreting funnel plot asymmetry in meta-analyses of randomised controlled trials. "
        "BMJ 2011;343:d4002.",
        "10.1136/bmj.d4002",
    ),
    "stijnen": (
        "Stijnen T, Hamza TH, Özdemir P. Random effects meta-analysis of event outcome in the "
        "framework of the generalized linear mixed model with applications in sparse data. Stat "
        "Med 2010;29:3046–3067.",
        "10.1002/sim.4040",
    ),
    "sweeting": (
        "Sweeting MJ, Sutton AJ, Lambert PC. What to add to nothing? Use and avoidance of "
        "continuity corrections in meta-analysis of sparse data. Stat Med 2004;23:1351–1375.",
        "10.1002/sim.1761",
    ),
    "turner": (
        "Turner RM, Jackson D, Wei Y, Thompson SG, Higgins JPT. Predictive distributions for "
        "between-study heterogeneity and simple methods for their application in Bayesian "
        "meta-analysis. Stat Med 2015;34:984–998.",
        "10.1002/sim.6381",
    ),
    "venice": (
        "Ioannidis JPA, Boffetta P, Little J, et al. Assessment of cumulative evidence on "
        "genetic associations: interim guidelines. Int J Epidemiol 2008;37:120–132.",
        "10.1093/ije/dym159",
    ),
    "viechtbauer2005": (
        "Viechtbauer W. Bias and efficiency of meta-analytic variance estimators in the "
        "random-effects model. J Educ Behav Stat 2005;30:261–293.",
        "10.3102/10769986030003261",
    ),
    "viechtbauer2007": (
        "Viechtbauer W. Confidence intervals for the amount of heterogeneity in meta-analysis. "
        "Stat Med 2007;26:37–52.",
        "10.1002/sim.2514",
    ),
    "viechtbauer2021": (
        "Viechtbauer W. Median-unbiased estimators for the amount of heterogeneity in "
        "meta-analysis. European Congress of Methodology, Valencia, 2021.",
        "",
    ),
    "viechtbauer_cheung": (
        "Viechtbauer W, Cheung MWL. Outlier and influence diagnostics for meta-analysis. Res "
        "Synth Methods 2010;1:112–125.",
        "10.1002/jrsm.11",
    ),
    "wacholder": (
        "Wacholder S, Chanock S, Garcia-Closas M, El Ghormli L, Rothman N. Assessing the "
        "probability that a positive report is false: an approach for molecular epidemiology "
        "studies. J Natl Cancer Inst 2004;96:434–442.",
        "10.1093/jnci/djh075",
    ),
    "wakefield": (
        "Wakefield J. A Bayesian measure of the probability of false discovery in genetic "
        "epidemiology studies. Am J Hum Genet 2007;81:208–227.",
        "10.1086/519024",
    ),
    "wetterslev": (
        "Wetterslev J, Thorlund K, Brok J, Gluud C. Trial sequential analysis may establish when "
        "firm evidence is reached in cumulative meta-analysis. J Clin Epidemiol 2008;61:64–75.",
        "10.1016/j.jclinepi.2007.03.013",
    ),
    "wigginton": (
        "Wigginton JE, Cutler DJ, Abecasis GR. A note on exact tests of Hardy-Weinberg "
        "equilibrium. Am J Hum Genet 2005;76:887–893.",
        "10.1086/429864",
    ),
    "woolf": (
        "Woolf B. On estimating the relation between blood group and disease. Ann Hum Genet "
        "1955;19:251–253.",
        "10.1111/j.1469-1809.1955.tb01348.x",
    ),
    "yusuf": (
        "Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Beta blockade during and after "
        "myocardial infarction: an overview of the randomized trials. Prog Cardiovasc Dis "
        "1985;27:335–371.",
        "10.1016/S0033-0620(85)80003-7",
    ),
}
