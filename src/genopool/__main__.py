"""`python -m genopool`: the command line."""

import sys

from genopool.commands.main import main

sys.exit(main())
