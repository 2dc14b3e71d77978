"""Run schemathesis with all its checks against a server, as somebody with a role."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = int(os.environ.get("EVA_FUZZ_EXAMPLES", "1"))
"""Examples for each operation; `make fuzz` takes more."""
LONGEST = 1500 if EXAMPLES == 1 else 7200
"""Seconds that one run may take."""
SEED = os.environ.get("EVA_FUZZ_SEED", "1")
NEVER_ENDING = ("/events/stream", "/runs/{id}/progress")
HOOKS = {
    **os.environ,
    "SCHEMATHESIS_HOOKS": "tests.api.server.openapi.serializers",
    "PYTHONPATH": str(Path(__file__).parents[4]),
}


def fuzzed(base: str, token: str, phases: str, *, examples: int = EXAMPLES, more: tuple[str, ...] = ()) -> str:
    """What schemathesis says; raises where any check fails."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        program, "--config-file", Path(__file__).with_name("schemathesis.toml"), "run", f"{base}/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--phases", phases, "--max-examples", str(examples),
        "--seed", SEED, "--workers", "1", "--warnings", "off", "--no-color", "--generation-database", "none",
        "--request-timeout", "20", *more,
    ]  # fmt: skip
    if any(word.startswith("--include") for word in more):
        return _ran(command)
    for path in NEVER_ENDING:
        command += ["--exclude-path", path]
    return _ran(command)


def _ran(command: list[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST, env=HOOKS)
    if done.returncode:
        told = "\n".join(line[:400] for line in done.stdout.splitlines())
        raise AssertionError(told[-20_000:] + done.stderr[-2000:])
    return done.stdout
