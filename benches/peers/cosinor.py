#!/usr/bin/env python3
"""Cosinor of many 24 h series: diel beside CosinorPy's documented batch ways, in one run, answers compared first.

    PEERS_WORK=SCRATCH SCRATCH/venv/bin/python benches/peers/cosinor.py [--series 1000] [--repetitions 3] [--program PATH]

PEERS_WORK is a scratch folder in which ../shared/peers/install.sh has installed the peers; run this with its python.
The series are made here from a seed, hourly, and both read the same file. Timed are the fits alone, in each process,
without reading the file: CosinorPy's `cosinor1.fit_group` and `cosinor.fit_group`, each over the whole table, and
diel's `CosinorFitter` on one thread; of each the fastest run counts. MESOR, amplitude and F are compared with those of `cosinor1.fit_cosinor`, which
the first way calls; the second reads its own off a grid. PATH is the bench program if it is built already.
"""
import argparse
import csv
import math
import os
import subprocess
import sys
import time
import types
import warnings
from pathlib import Path

import matplotlib
import numpy
import pandas

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 1e-9
SEED = 20261123


def import_peer():
    warnings.filterwarnings("ignore")
    matplotlib.use("Agg")
    try:
        import seaborn  # noqa: F401
    except ImportError:
        # CosinorPy imports it for heat maps and does not declare it; no fit uses it.
        sys.modules["seaborn"] = types.ModuleType("seaborn")
    from CosinorPy import cosinor, cosinor1
    return cosinor, cosinor1


def make(count, path):
    """Hourly series, each with a level, an amplitude, a peak and noise of its own; the written digits are the data."""
    random = numpy.random.default_rng(SEED)
    hours = numpy.arange(24.0)
    with open(path, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("series", "hours", "value"))
        for number in range(count):
            level, amplitude, peak = random.normal(2, 0.5), random.uniform(0.1, 1.5), random.uniform(0, 24)
            values = level + amplitude * numpy.cos(2 * numpy.pi * (hours - peak) / 24) + random.normal(0, 0.4, 24)
            for hour, value in zip(hours, values):
                rows.writerow((f"s{number:06}", hour, repr(float(value))))


def close(name, series, ours, theirs):
    if not math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=1e-12):
        sys.exit(f"{name} of {series}: diel says {ours!r}, CosinorPy {theirs!r}")


def timed(work):
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--program")
    arguments = parser.parse_args()
    work = Path(os.environ.get("PEERS_WORK") or sys.exit("set PEERS_WORK to the peers' scratch folder"))
    cosinor, cosinor1 = import_peer()
    (work / "out").mkdir(exist_ok=True)
    file, answers = work / "out" / "cosinor_series.csv", work / "out" / "cosinor_diel.csv"
    make(arguments.series, file)

    bench = ["cargo", "bench", "--quiet", "--package", "diel-benches", "--bench", "cosinor", "--"]
    program = [arguments.program] if arguments.program else bench
    run = subprocess.run([*program, str(file), str(answers)], cwd=ROOT, check=True, capture_output=True, text=True)
    ours = float(run.stdout.split()[-1])

    table = pandas.read_csv(file, float_precision="round_trip")
    table.columns = ["test", "x", "y"]
    with open(answers, newline="") as opened:
        found = list(csv.DictReader(opened))
    if len(found) != arguments.series:
        sys.exit(f"{len(found)} answers to {arguments.series} series")
    by_series = dict(tuple(table.groupby("test")))
    for row in found:
        one = by_series[row["series"]]
        fit, amplitude, _, _ = cosinor1.fit_cosinor(one.x.values, one.y.values, 24, plot_on=False)
        close("MESOR", row["series"], float(row["mesor"]), fit.params["Intercept"])
        close("amplitude", row["series"], float(row["amplitude"]), amplitude)
        close("F", row["series"], float(row["f"]), fit.fvalue)
    print(f"equal within {TOLERANCE:g}: MESOR, amplitude and F of {len(found)} series of 24 values")

    ways = {
        "CosinorPy 3.1, cosinor1.fit_group": lambda: cosinor1.fit_group(table, period=24, plot_on=False),
        "CosinorPy 3.1, cosinor.fit_group": lambda: cosinor.fit_group(table, n_components=1, period=24, plot=False),
    }
    print(f"{'diel, CosinorFitter':<36} {ours / arguments.series * 1e6:12.2f} us a series")
    for name, way in ways.items():
        theirs = min(timed(way) for _ in range(arguments.repetitions))
        print(f"{name:<36} {theirs / arguments.series * 1e6:12.2f} us a series  {theirs / ours:9.0f} times diel")


if __name__ == "__main__":
    main()
