#!/usr/bin/env python3
"""Measures what stands before a commit or a push against git's own commands. Standard library only; prints Markdown.

  cargo build --release
  benches/git.py TREE [--history REPOSITORY] [--binary PATH] [--rounds N] [--work FOLDER]

TREE is a folder of 10,000 files or more, of which two repositories are made in WORK: one of 5,000 files with five of
them changed and staged, and one without a commit in which 10,000 files are staged. REPOSITORY is one with a long
history, as `benches/history.py make` makes it: its last 1,000 commits are read. Both programs take turns; medians.
"""
import argparse, os, shutil, statistics, subprocess, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def git(folder, *args, **more):
    name = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0"]
    return subprocess.run(["git", "-C", str(folder), *name, *args], check=True, capture_output=True, **more).stdout


def fill(folder, tree, count):
    """The first files of the tree, none of them large."""
    git(folder.parent, "init", "-q", str(folder))
    done = 0
    for path in sorted(tree.rglob("*")):
        if done == count:
            break
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 200_000 and ".git" not in path.parts:
            to = folder / path.relative_to(tree)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
            done += 1
    git(folder, "add", "-f", "-A")
    return done


def seconds(command, folder, given=None):
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, input=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {done.returncode}")
    return time.perf_counter() - began


def compare(what, theirs, ours, folder, rounds, given=None):
    times = {"theirs": [], "ours": []}
    for number in range(rounds + 1):
        took = {"theirs": seconds(theirs, folder, given), "ours": seconds(ours, folder)}
        if number:
            for who, value in took.items():
                times[who].append(value)
    theirs_ms, ours_ms = (statistics.median(times[who]) * 1000 for who in ("theirs", "ours"))
    ratio = statistics.median(one / other for one, other in zip(times["ours"], times["theirs"]))
    print(f"| {what} | {theirs_ms:.1f} | {ours_ms:.1f} | {ratio:.2f} |", flush=True)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("tree", type=Path)
    args.add_argument("--history", type=Path)
    args.add_argument("--binary", default=HERE.parent / "target/release/tightlip", type=Path)
    args.add_argument("--rounds", type=int, default=15)
    args.add_argument("--work", type=Path)
    args = args.parse_args()
    binary = str(args.binary.resolve())
    print("| what | git, ms | tightlip, ms | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=args.work) as work:
        few, many = Path(work) / "few", Path(work) / "many"
        fill(few, args.tree, 5_000)
        git(few, "commit", "-q", "-m", "all")
        for path in git(few, "ls-files", "-z").split(b"\0")[7:-1:1_000]:
            with open(os.path.join(os.fsencode(few), path), "ab") as file:
                file.write(b"\nx = 1\n")
        git(few, "add", "-f", "-A")
        staged = [binary, "staged", "--no-cache"] if "--no-cache" in helped(binary, "staged") else [binary, "staged"]
        compare("5 of 5,000 files staged, `git diff --cached --raw`", ["git", "diff", "--cached", "--raw"], staged, few, args.rounds * 3)
        count = fill(many, args.tree, 10_000)
        ids = b"".join(line.split()[1] + b"\n" for line in git(many, "ls-files", "-s").splitlines())
        compare(f"{count:,} files staged, `git cat-file --batch --buffer`", ["git", "cat-file", "--batch", "--buffer"], staged, many, args.rounds, ids)
    if args.history:
        base = git(args.history, "rev-list", "--topo-order", "HEAD").split()[1_000].decode()
        commits = [binary, "commits", f"{base}..HEAD"] + (["--no-cache"] if "--no-cache" in helped(binary, "commits") else [])
        compare("1,000 commits, `git log -p`", ["git", "log", "-p", f"{base}..HEAD"], commits, args.history, args.rounds)


def helped(binary, command):
    return subprocess.run([binary, command, "--help"], capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
