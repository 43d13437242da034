"""Configurations with bytes flipped, lost and mixed: each is accepted or refused in words."""

import random
import re

from genopool.config import load
from genopool.config_problems import ConfigError

CASES = 1_500
TOKENS = """&a |*a|<<: *a|!!int x|!!timestamp x|!!python/object:os.system {}|>|2001-99-99|.inf|.nan
null|~|[]|{}|[[[[|- |: |#|'|"|...|é|0o17|1e999|../..|/|C:|true|@x|`x`|"\\ud800"|"\\0"|CON|con.x|a.
!!binary x|!!set {a}|!!omap [a: b]|!!bool x|!!float x""".replace("\n", "|").split("|")
TOKENS += ["|", "? [a]\n: b", "%YAML 9.9\n", "---\n", "\t", "\0", "1" * 5_000, "a" * 300]


def mutated(rng, text):
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text) + 1)
        end = place + rng.choice([0, 1, 5, 40])
        kind = rng.randrange(5)
        if kind <= 1:
            # What stands after a key is where values are read.
            values = [match.end() for match in re.finditer(r"[:\[,] ?", text)] or [0]
            place = rng.choice(values) if kind else place
            text = text[:place] + rng.choice(TOKENS) + text[place:]
        elif kind == 2:
            text = text[:place] + text[end:]
        elif kind == 3:
            text = text[:end] + text[place:]
        else:
            lines = text.split("\n")
            line = rng.randrange(len(lines))
            lines[line] = " " * rng.randrange(5) + lines[line].lstrip()
            text = "\n".join(lines)
    return text


def test_every_mutated_configuration_is_accepted_or_refused_in_words(repository, tmp_path):
    rng = random.Random(20260706)
    text = (repository / "config.yaml").read_text()
    text = re.sub(r" +#.*", "", text).replace("published: data/published_pools.csv\n", "")
    (tmp_path / "data" / "studies").mkdir(parents=True)
    source = tmp_path / "config.yaml"
    accepted = 0
    for _ in range(CASES):
        source.write_bytes(mutated(rng, text).encode("utf-8", "surrogatepass"))
        try:
            load(source)
            accepted += 1
        except ConfigError as refused:
            assert all(problem.strip() and len(problem) < 20_000 for problem in refused.problems)
    assert 0.02 * CASES < accepted < 0.9 * CASES
