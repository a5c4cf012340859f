"""The command: `python -m tests.campaign RING …`. Exit code 1 where a promise broke or an expected name never fired."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable
from functools import partial

from tests.campaign.record import FOLDER, Record
from tests.campaign.ring import Ring
from tests.campaign.rings import RINGS
from tests.campaign.runner import campaign, carry_out


def main() -> int:
    arguments = _arguments()
    ring = RINGS[arguments.ring]
    if arguments.case is not None:
        return _replay(ring, arguments.case, verbose=arguments.verbose)
    record = Record(Record.load(ring.name).code) if arguments.fresh else Record.load(ring.name)
    if record.done:
        print(f"{len(record.done)} cases are done already ({FOLDER / ring.name}.json); --fresh begins anew")
    campaign(ring.name, _cases(ring, arguments), record, jobs=arguments.jobs, minutes=arguments.minutes)
    return _report(ring, record)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description="Long rings of tests, resumable.")
    rings = parser.add_subparsers(dest="ring", required=True, metavar="RING")
    for ring in RINGS.values():
        command = rings.add_parser(ring.name, help=ring.about, description=ring.about)
        command.add_argument("--seeds", "--cases", dest="cases", type=int, help="how many (default: all, or 500)")
        if ring.batch:
            examples = f"so many examples, {ring.batch} a case"
            command.add_argument("--examples", dest="cases", type=partial(_batches, ring.batch), help=examples)
        if ring.size is not None:
            command.add_argument("--only", default="", help="those whose name contains this")
        command.add_argument("--first", type=int, default=0, help="the number of the first")
        command.add_argument("--minutes", type=float, help="stop after so many minutes")
        command.add_argument("--jobs", type=int, default=2, help="processes at a time")
        command.add_argument("--fresh", action="store_true", help="forget what was done before")
        command.add_argument("--seed", "--case", dest="case", type=int, help="run one again and say what broke")
        command.add_argument("-v", "--verbose", action="store_true", help="with --seed: tell its history")
    return parser.parse_args()


def _batches(batch: int, examples: str) -> int:
    return -(-int(examples) // batch)


def _cases(ring: Ring, arguments: argparse.Namespace) -> Iterable[int]:
    first, count = arguments.first, arguments.cases
    if ring.size is not None:
        last = min(ring.size, first + count) if count is not None else ring.size
        return [case for case in range(first, last) if arguments.only in ring.name_of(case)]
    if count is None and arguments.minutes:
        return itertools.count(first)
    return range(first, first + (500 if count is None else count))


def _replay(ring: Ring, case: int, *, verbose: bool) -> int:
    outcome = carry_out(ring.name, case)
    print(f"{ring.name} {case}: {ring.name_of(case)}")
    print(*(outcome.history if verbose else ()), *(outcome.broken or ["all promises hold"]), sep="\n")
    return 1 if outcome.broken else 0


def _report(ring: Ring, record: Record) -> int:
    print(f"\n{ring.name}: {len(record.done)} cases", *(f"{n} {what}" for what, n in record.counts.items()), sep=", ")
    for name, times in sorted({**dict.fromkeys(ring.expected, 0), **record.fired}.items()):
        print(f"{times:9} {name}{'' if times else '   <-- never happened'}")
    for sentence in ring.elsewhere:
        print(f"        - {sentence}")
    for case, sentences in sorted(record.broken.items()):
        print(f"\nbroken in {ring.name_of(case)}; again: python -m tests.campaign {ring.name} --seed {case} -v")
        print(*(f"    {line}" for sentence in sentences[:5] for line in sentence.splitlines()), sep="\n")
    print(f"{len(record.broken)} of {len(record.done)} cases broke a promise")
    return 1 if record.broken or any(not record.fired[name] for name in ring.expected) else 0


if __name__ == "__main__":
    sys.exit(main())
