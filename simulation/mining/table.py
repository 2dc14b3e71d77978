"""The flow of a log as tables: `flow` with one row per arc, `variants` with one row per order of steps."""

from itertools import accumulate

import polars as pl

from simulation.mining.flow import Flow


def list_flow(flow: Flow) -> dict[str, pl.DataFrame]:
    """The most frequent first; `together` is the share of the cases up to and with a row."""
    arcs = sorted(flow.arcs.items(), key=lambda item: (-item[1], item[0]))
    variants = sorted(flow.variants.items(), key=lambda item: (-item[1], item[0]))
    upto = accumulate(cases for _, cases in variants)
    return {
        "flow": pl.DataFrame(
            [{"step": one, "next_step": following, "times": times} for (one, following), times in arcs],
            schema={"step": pl.String, "next_step": pl.String, "times": pl.Int64},
        ),
        "variants": pl.DataFrame(
            [
                {"steps": " ".join(steps), "cases": cases, "share": cases / flow.cases, "together": so_far / flow.cases}
                for (steps, cases), so_far in zip(variants, upto, strict=True)
            ],
            schema={"steps": pl.String, "cases": pl.Int64, "share": pl.Float64, "together": pl.Float64},
        ),
    }
