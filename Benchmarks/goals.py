#!/usr/bin/env python3
"""The goals of goals.json beside what was measured, and the check that nothing got worse than was committed.

Usage: goals.py RESULTS.json [PEERS.json]. A bound is a ratio of neighbours in one run, or a size: what does not depend on
the machine's speed. Ends with 1 when one does not hold, or was not measured.
"""

import fnmatch
import json
import pathlib
import sys

FILE = pathlib.Path(__file__).resolve().parent / "goals.json"


def figures(path):
    """Medians by measure, figure and system."""
    measures = json.loads(path.read_text())["measures"]
    return {(measure, figure["figure"], figure["system"], figure["unit"]): figure["median"]
            for measure, row in measures.items() for figure in row["figures"]}


def value(found, wanted):
    """The figure that a goal or bound means; none where it was not measured. A name with a size in it has a star there."""
    for (measure, figure, system, unit), median in found.items():
        if fnmatch.fnmatchcase(measure, wanted["measure"]) and figure == wanted["figure"] and system == wanted["system"] and \
                unit == wanted.get("unit", unit):
            return median, unit
    return None, ""


def holds(measured, wanted):
    return measured <= wanted["at_most"] if "at_most" in wanted else measured >= wanted["at_least"]


def wish(wanted):
    return f"<= {wanted['at_most']:,}" if "at_most" in wanted else f">= {wanted['at_least']:,}"


def show(found, of):
    """Every goal that this command measures."""
    print("\ngoals")
    for goal in json.loads(FILE.read_text())["goals"]:
        if goal.get("of", "bench") != of:
            continue
        measured, unit = value(found, goal)
        verdict = "not measured" if measured is None else "met" if holds(measured, goal) else "NOT MET"
        shown = "" if measured is None else f"{measured:,.2f}"
        print(f"  {goal['goal']:<66}{wish(goal):>12} {shown:>14} {unit:<5} {verdict}")


def main():
    paths = [pathlib.Path(argument) for argument in sys.argv[1:]]
    if not paths or not paths[0].exists():
        sys.exit("goals: there are no results; run `make bench` first")
    found = {}
    for path in paths:
        if path.exists():
            found |= figures(path)
    failures = 0
    for bound in json.loads(FILE.read_text())["bounds"]:
        if bound.get("of") == "peers" and not any(path.exists() for path in paths[1:]):
            continue
        measured, unit = value(found, bound)
        fits = measured is not None and holds(measured, bound)
        failures += not fits
        shown = "not measured" if measured is None else f"{measured:,.2f} {unit}"
        name = f"{bound['measure']}: {bound['figure']}, {bound['system']}"
        print(f"{'ok   ' if fits else 'FAIL '} {name:<78}{wish(bound):>10}  {shown}")
    if failures:
        sys.exit(f"goals: {failures} bounds do not hold")


if __name__ == "__main__":
    main()
