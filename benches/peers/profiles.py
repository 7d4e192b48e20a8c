#!/usr/bin/env python3
"""Profiles of a whole cohort: `diel analyze` beside the programs people use today, in one run, answers checked first.

    PEERS_WORK=SCRATCH python3 benches/peers/profiles.py [--diel target/release/diel] [--repetitions 3] [--large]

PEERS_WORK is a scratch folder in which ../shared/peers/install.sh has installed the peers. Each program is one process,
file in, tables out, timed from start to end; the programs take turns and the best time of each counts. --large adds the
cohort of 750,000 samples for diel alone: memory against the file's size, and time against ten times fewer samples.
"""
import argparse
import csv
import math
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT.parent / "shared" / "peers"
TOLERANCE = 1e-9


def run(command, work):
    """Runs one process; returns its wall time in seconds and its peak memory in MB."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, cwd=PEERS, env={**os.environ, "PEERS_WORK": str(work)},
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    if status:
        sys.exit(f"{command} ended with status {status}")
    return wall, usage.ru_maxrss / 1024


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def close(name, ours, theirs):
    if not math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=1e-12):
        sys.exit(f"{name}: diel says {ours!r}, the peer {theirs!r}")


def least_squares(points):
    n = len(points)
    mean_t = sum(t for t, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    tt = sum((t - mean_t) ** 2 for t, _ in points)
    return sum((t - mean_t) * (y - mean_y) for t, y in points) / tt


def check_areas(cohort, work, diel):
    """AUCg, AUCi, maximum increase over the whole day, as BioPsyKit and carwatch define them."""
    out = work / "out" / "diel_areas.csv"
    run([diel, "analyze", str(cohort), "--car-window-min", "1440", "--profiles", str(out), "--rhythms", os.devnull], work)
    ours = {(r["participant"], r["day"]): r for r in rows(out)}
    compared = 0
    for peer in ("biopsykit", "carwatch"):
        for theirs in rows(work / "out" / f"{peer}_M.csv"):
            mine = ours[theirs["subject"], theirs["day"]]
            close(f"{peer} AUCg", float(mine["car_auc_g_nmol_min_per_l"]), float(theirs["cortisol_auc_g"]))
            close(f"{peer} AUCi", float(mine["car_auc_i_nmol_min_per_l"]), float(theirs["cortisol_auc_i"]))
            close(f"{peer} max_inc", float(mine["car_max_increase_nmol_per_l"]), float(theirs["cortisol_max_inc"]))
            compared += 1
    return compared


def check_slopes(cohort, profiles):
    """The regression slope of each day without the +30 min sample, by the textbook formula."""
    days = {}
    for row in rows(cohort):
        if row["sample"] != "S2":
            point = float(row["minutes_since_waking"]) / 60, math.log(float(row["cortisol_nmol_l"]))
            days.setdefault((row["subject"], row["day"]), []).append(point)
    ours = rows(profiles)
    if len(ours) != len(days):
        sys.exit(f"{len(ours)} profiles of {len(days)} days")
    for mine in ours:
        theirs = least_squares(days[mine["participant"], mine["day"]])
        close("slope", float(mine["slope_regression_ln_per_h"]), theirs)
    return len(ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--diel", default=str(ROOT / "target" / "release" / "diel"))
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    arguments = parser.parse_args()
    work = Path(os.environ.get("PEERS_WORK") or sys.exit("set PEERS_WORK to the peers' scratch folder"))
    diel = str(Path(arguments.diel).resolve())
    python = str(work / "venv" / "bin" / "python")
    for size in ("M", "L") if arguments.large else ("M",):
        if not (work / "data" / f"cohort_{size}.csv").exists():
            subprocess.run([python, str(PEERS / "gen.py"), "--size", size], check=True, env={**os.environ, "PEERS_WORK": str(work)})
    cohort = work / "data" / "cohort_M.csv"
    (work / "out").mkdir(exist_ok=True)
    profiles, rhythms = work / "out" / "diel_profiles.csv", work / "out" / "diel_rhythms.csv"

    def analyze(file):
        return [diel, "analyze", str(file), "--profiles", str(profiles), "--rhythms", str(rhythms)]

    programs = {
        "diel analyze, both tables": analyze(cohort),
        "BioPsyKit, standard features": [python, "peer_biopsykit.py", "M"],
        "carwatch": [python, "peer_carwatch.py", "M"],
        "R data.table, slopes alone": ["Rscript", "peer_rother.R", "M", "rollols"],
    }
    best = dict.fromkeys(programs, math.inf)
    memory = dict.fromkeys(programs, 0.0)
    for repetition in range(arguments.repetitions):
        for name, command in programs.items():
            wall, peak = run(command, work)
            best[name] = min(best[name], wall)
            memory[name] = max(memory[name], peak)
        if repetition == 0:
            print(f"equal within {TOLERANCE:g}: areas of {check_areas(cohort, work, diel)} days, slopes of {check_slopes(cohort, profiles)} days")
            run(analyze(cohort), work)
    ours = best["diel analyze, both tables"]
    for name in programs:
        print(f"{name:<30} {best[name]:8.3f} s {memory[name]:7.0f} MB  {best[name] / ours:7.1f} times diel")
    if arguments.large:
        large = work / "data" / "cohort_L.csv"
        wall, peak = min(run(analyze(large), work) for _ in range(arguments.repetitions))
        size = large.stat().st_size / 1e6
        print(f"750,000 samples                {wall:8.3f} s {peak:7.0f} MB  file {size:.0f} MB, {peak / size:.1f} times the file; "
              f"{wall / ours:.1f} times the time of 75,000")


if __name__ == "__main__":
    main()
