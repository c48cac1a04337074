#!/usr/bin/env python3
"""Writes pairs.txt: how often pairs of bytes stand in source code. Standard library only.

  src/rule/sweep/pairs.py FILE…       source of several languages, a few megabytes

Bytes are taken with the bit set by which the cases of a letter differ, which leaves 64 of ASCII: 0x20 to 0x3f, 0x60 to
0x7f. A digit is a power of two; f is the most frequent pair, 0 one that is 2^15 times as rare, or rarer.
"""
import math, sys
from collections import Counter
from pathlib import Path

CLASSES = [*range(0x20, 0x40), *range(0x60, 0x80)]
MOST = 20_000  # bytes of each file, so that none outweighs the others

pairs = Counter()
for name in sys.argv[1:]:
    folded = bytes(byte | 0x20 for byte in Path(name).read_bytes()[:MOST])
    pairs.update(zip(folded, folded[1:]))
top = max(pairs.values())
lines = ["# How often a second byte follows a first one in source code, as powers of two. Made by pairs.py."]
for first in CLASSES:
    counts = [pairs[first, second] for second in CLASSES]
    lines.append("".join(f"{max(0, 15 + round(math.log2(count / top))) if count else 0:x}" for count in counts))
(Path(__file__).parent / "pairs.txt").write_text("\n".join(lines) + "\n")
