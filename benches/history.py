#!/usr/bin/env python3
"""Makes a packed repository with a long history, and times `tightlip commits --all` on it.

    benches/history.py make DIR [COMMITS]   a repository of 50,000 commits and over 2 GB of blobs (some ten minutes)
    benches/history.py time DIR [ROUNDS]    both programs in turns, with the memory of ours

The text is this crate's and its dependencies' source, cut up and put together anew: lines that people wrote, with the
words that wake rules as often as they do in code. Each commit edits a few lines of one to four files; every fiftieth
is followed by a branch of five that is merged. The same arguments give the same repository.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SIZES = (5_000, 60_000)
FILES = 1_500


def lines_of_source():
    """Lines to write files with, in runs that belong together."""
    roots = [HERE / "src", Path.home() / ".cargo/registry/src"]
    runs = []
    total = 0
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.suffix not in {".rs", ".md", ".toml", ".c", ".h", ".py", ".yml"} or not path.is_file():
                continue
            if path.stat().st_size > 200_000:
                continue
            lines = path.read_bytes().split(b"\n")
            runs += [lines[at : at + 12] for at in range(0, len(lines), 12)]
            total += path.stat().st_size
            if total > 60_000_000:
                return runs
    return runs


class Tree:
    def __init__(self, chance, runs):
        self.chance, self.runs, self.files = chance, runs, {}

    def add(self):
        folder = "/".join(f"{self.chance.choice('abcdefgh')}{self.chance.randrange(4)}" for _ in range(self.chance.randrange(1, 4)))
        name = f"{folder}/file{len(self.files)}.{self.chance.choice(['rs', 'rs', 'c', 'py', 'toml', 'md', 'yml'])}"
        size = int(SIZES[0] * (SIZES[1] / SIZES[0]) ** self.chance.random())
        lines = []
        while size > 0:
            run = self.chance.choice(self.runs)
            lines += run
            size -= sum(map(len, run)) + len(run)
        self.files[name] = lines
        return name

    def edit(self):
        name = self.chance.choice(list(self.files)) if self.chance.random() < 0.3 else self.chance.choice(list(self.files)[:300])
        lines = self.files[name]
        for _ in range(self.chance.randrange(1, 4)):
            at = self.chance.randrange(len(lines) + 1)
            gone = self.chance.randrange(0, 4)
            run = self.chance.choice(self.runs)
            lines[at : at + gone] = run[: self.chance.randrange(0, 6)]
        return name


def blob(lines):
    data = b"\n".join(lines) + b"\n"
    return b"data %d\n" % len(data) + data + b"\n"


def commits(out, count):
    chance = random.Random(20_260_101)
    tree = Tree(chance, lines_of_source())
    mark, when, main = 0, 1_600_000_000, None

    def commit(branch, parent, names, merged=None):
        nonlocal mark, when
        mark, when = mark + 1, when + chance.randrange(60, 4_000)
        message = b"%s: %s\n" % (names[0].encode() if names else b"merge", b" ".join(chance.choice(tree.runs)[0].split()[:9]))
        out.write(b"commit refs/heads/%s\nmark :%d\n" % (branch, mark))
        out.write(b"author Dev %d <dev%d@example.org> %d +0000\n" % (mark % 40, mark % 40, when))
        out.write(b"committer Dev %d <dev%d@example.org> %d +0000\n" % (mark % 40, mark % 40, when))
        out.write(b"data %d\n" % len(message) + message + b"\n")
        if parent:
            out.write(b"from :%d\n" % parent)
        if merged:
            out.write(b"merge :%d\n" % merged)
        for name in names:
            out.write(b"M 100644 inline %s\n" % name.encode() + blob(tree.files[name]))
        return mark

    while mark < count:
        grow = len(tree.files) < 100 or (len(tree.files) < FILES and chance.random() < 0.1)
        names = {tree.add() if grow else tree.edit() for _ in range(chance.randrange(1, 5))}
        main = commit(b"main", main, sorted(names))
        if mark % 50 == 0:
            side, touched = main, set()
            for _ in range(5):
                name = tree.edit()
                touched.add(name)
                side = commit(b"side", side, [name])
            main = commit(b"main", main, sorted(touched), side)


def make(where, count):
    git = ["git", "-C", where]
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", where], check=True)
    subprocess.run([*git, "config", "core.compression", "1"], check=True)
    fed = subprocess.Popen([*git, "fast-import", "--quiet", "--force"], stdin=subprocess.PIPE, bufsize=1 << 20)
    commits(fed.stdin, count)
    fed.stdin.close()
    if fed.wait() != 0:
        sys.exit("git fast-import failed")
    subprocess.run([*git, "config", "--unset", "core.compression"], check=True)
    subprocess.run([*git, "-c", "pack.threads=1", "repack", "-adfq", "--depth=50", "--window=10"], check=True)
    subprocess.run([*git, "count-objects", "-v"], check=True)


def run(command):
    """Seconds, megabytes, and the exit code."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"})
    _, status, used = os.wait4(process.pid, 0)
    return time.perf_counter() - begin, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def measure(where, rounds):
    program = os.environ.get("TIGHTLIP", str(HERE / "target/release/tightlip"))
    ours = [program, "commits", "--all", "--repository", where, "--no-config", "--no-progress"]
    theirs = ["git", "-C", where, "cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"]
    rows = {"git cat-file": [], "tightlip": []}
    for _ in range(rounds):
        rows["git cat-file"].append(run(theirs))
        rows["tightlip"].append(run(ours))
    base = statistics.median(row[0] for row in rows["git cat-file"])
    for name, found in rows.items():
        seconds = statistics.median(row[0] for row in found)
        megabytes = max(row[1] for row in found)
        codes = sorted({row[2] for row in found})
        print(f"{name:14} {seconds:7.2f} s  {seconds / base:5.2f} x  {megabytes:6.0f} MB  exit {codes}")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in {"make", "time"}:
        sys.exit(__doc__)
    number = int(sys.argv[3]) if len(sys.argv) > 3 else None
    if sys.argv[1] == "make":
        make(sys.argv[2], number or 50_000)
    else:
        measure(sys.argv[2], number or 3)
