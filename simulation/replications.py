"""How many runs are played where nobody says how many: the same over HTTP, on the pages and on the command line."""

REPLICATIONS = 1000
"""Of a rollout, alone or beside others: from 100 on bands and probabilities are told, and what takes longest are the
runs of the scan centres and how far the forecast can be trusted, not these."""
SCAN_REPLICATIONS = 20
"""Of these with every item in the scan centres."""
MIX_REPLICATIONS = 100
"""Of each mix of levers that is tried to hold a deadline."""
POINT_REPLICATIONS = 4
"""Of each of the thousands of points at which it is looked what an assumption moves."""
