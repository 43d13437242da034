"""Each table is made once, for the files and for the figures."""

from genopool.diagnostics.tables import diagnose
from genopool.diagnostics.tables.pools import Pools


def test_a_table_is_made_once_and_the_same_for_all(make_project, monkeypatch):
    made = []

    def make(pools):
        made.append(pools)
        return [{"locus": pools.locus}]

    monkeypatch.setattr(diagnose, "MAKERS", {"sensitivity": make, "influence": make})
    config = make_project({}, "loci: {SNP: {alleles: A/C}}\ndiagnostics: [sensitivity]\n").config
    pools = Pools(config, "SNP", None, [], [])
    assert diagnose.table_of(pools, "sensitivity") is diagnose.diagnose(pools)["sensitivity"]
    assert len(made) == 1
    other = Pools(config, "SNP", None, [], [])
    assert diagnose.table_of(other, "sensitivity") is not diagnose.table_of(pools, "sensitivity")
