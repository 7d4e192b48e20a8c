#!/usr/bin/env python3
"""Mixed models on one simulated cohort: diel beside mixedlm-rs, mixedlm and lme4, in one run, answers checked first.

    PEERS_WORK=SCRATCH python3 benches/peers/mixed.py --bench target/release/deps/mixed-... [--sizes M,L] [--repetitions 3]

PEERS_WORK is a scratch folder in which ../shared/peers/install.sh has installed the peers and gen.py has made the
cohorts. Each fit is timed inside its process, data in memory; the programs take turns and the best time of each counts.
lme4's conditional variances on L take minutes and are left out unless --condvar is given.
"""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT.parent / "shared" / "peers"
CRITERION = 1e-3  # lme4's default stops up to this far above the optimum, and diel may lie below
COEFFICIENTS = 1e-4


def records(command, work):
    """Runs one process; returns its JSON lines and its peak memory in MB."""
    child = subprocess.Popen(command, cwd=PEERS, env={**os.environ, "PEERS_WORK": str(work)},
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{command} ended with status {status}")
    return [json.loads(line[1:]) for line in text.splitlines() if line.startswith("@")], usage.ru_maxrss / 1024


def commands(args, work, size, model):
    python = str(work / "venv-lmm" / "bin" / "python")
    cohort = str(work / "data" / f"cohort_{size}.csv")
    yield "diel", [args.bench, cohort, size, model]
    if model == "2":
        yield "mixedlm-rs", [python, "peer_fastlmm.py", size, "mixedlm_rs", model]
    yield "mixedlm", [python, "peer_fastlmm.py", size, "mixedlm", model]
    yield "lme4", ["Rscript", "peer_lme4.R", size, model]


def kind(name, record):
    """What a record measures: the fit, or the modes with their variances."""
    task = record["task"]
    if name == "diel":
        return "fit" if task.startswith("fit") else "modes"
    if name == "mixedlm-rs":
        return "fit" if task.endswith("array API") else "modes" if "BLUP" in task else None
    if name == "mixedlm":
        return "fit" if task.startswith("LMM") else None
    if task.endswith(" REML"):
        return "fit"
    return "modes" if "condVar=TRUE" in task else None


def check(name, model, ours, theirs):
    found, wanted = ours["crit"], theirs.get("crit")
    if wanted is not None and found > wanted + CRITERION:
        sys.exit(f"{name} {model}: diel's criterion {found} lies above {wanted}")
    coefficients = theirs.get("fe") or list((theirs.get("fixef") or {}).values())
    for one, other in zip(ours["fe"], coefficients):
        if abs(one - other) > COEFFICIENTS * max(1.0, abs(other)):
            sys.exit(f"{name} {model}: coefficients {ours['fe']} and {coefficients}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the built bench `mixed`")
    parser.add_argument("--sizes", default="M,L")
    parser.add_argument("--models", default="2,3,3s")
    parser.add_argument("--repetitions", type=int, default=3)
    args = parser.parse_args()
    args.bench = str(Path(args.bench).resolve())
    work = Path(os.environ.get("PEERS_WORK") or sys.exit("set PEERS_WORK to the peers' scratch folder"))
    print(f"{'size':4} {'model':5} {'program':11} {'fit s':>9} {'times':>7} {'modes s':>9} {'times':>7} {'peak MB':>8}")
    for size in args.sizes.split(","):
        for model in args.models.split(","):
            if size == "L" and model == "3s":
                continue  # the peers take minutes
            best, memory = {}, {}
            for _ in range(args.repetitions):
                for name, command in commands(args, work, size, model):
                    found, peak = records(command, work)
                    memory[name] = max(memory.get(name, 0), peak)
                    for record in found:
                        what = kind(name, record)
                        if what is None:
                            continue
                        if what == "fit" and name != "diel":
                            check(name, model, best["diel", "fit"], record)
                        known = best.get((name, what))
                        if known is None or record["wall_s"] < known["wall_s"]:
                            best[name, what] = record
            for name in memory:
                cells = [f"{size:4} {model:5} {name:11}"]
                for what in ("fit", "modes"):
                    record, own = best.get((name, what)), best["diel", what]
                    seconds = f"{record['wall_s']:9.4f}" if record else f"{'':9}"
                    ratio = f"{record['wall_s'] / own['wall_s']:7.1f}" if record else f"{'':7}"
                    cells += [seconds, ratio]
                print(" ".join(cells), f"{memory[name]:8.0f}", flush=True)


main()
