#!/usr/bin/env python3
"""Measures the built binary on a folder of source and on files made from it. Standard library only; prints Markdown.

  cargo build --release
  benches/tree.py TREE [--binary PATH] [--rounds N] [--only PART,PART] [--largest MEGABYTES] [--work FOLDER]

TREE is a folder of 60 MB of source or more in several languages. One can be made from public source packages, such as
  apt-get source --download-only git redis, and each archive unpacked side by side.
Parts: tree (beside ripgrep and kingfisher where they are installed), start (of the program), linear (10 MB to 1 GB),
keywords (a file of nothing but keywords), line (one line of 500 MB), large (2 GB). Figures are medians over rounds in
which all commands take turns, so that the machine's other work falls on each alike. Ratios carry over to other
machines; times do not. On a busy machine the ratio of processor times says more than that of wall times: whoever is
done soonest waits least. WORK takes up to 2 GB at a time, and is removed afterwards.
"""
import argparse, os, re, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MEGABYTE = 1_000_000
ABSENT = "qzjxkvwqzjxkvw"
PARTS = ("tree", "start", "linear", "keywords", "line", "large")


def run(command):
    """Seconds of wall time and of processor time; any exit code but 0 and 1 ends the measurement."""
    null = os.open(os.devnull, os.O_RDWR)
    began = time.perf_counter()
    actions = [(os.POSIX_SPAWN_DUP2, null, target) for target in (0, 1, 2)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - began
    os.close(null)
    # kingfisher ends with 200 and more when it finds something.
    if not os.WIFEXITED(status) or os.WEXITSTATUS(status) not in (0, 1, *range(200, 210)):
        sys.exit(f"{' '.join(command)} ended with status {status}")
    return seconds, usage.ru_utime + usage.ru_stime


def peak_memory(command):
    """Megabytes of the largest resident set, read while it runs: what `wait4` tells includes this process's own."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        most = max(most, int(found[1]) if found else 0)
        time.sleep(0.0002 if most < 20_000 else 0.005)
    process.wait()
    return most * 1024 / MEGABYTE


def take_turns(commands, rounds):
    """Medians of time, and peak memory in a run before the rounds, which warms the cache too."""
    memory = {name: peak_memory(command) for name, command in commands.items()}
    seen = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seen[name].append(run(command))
    return {name: summary(times, memory[name]) for name, times in seen.items()}


def summary(measured, memory):
    wall, busy = zip(*measured)
    # A process of a few milliseconds may be over before its memory is read.
    return {"time": statistics.median(wall), "best": min(wall), "busy": statistics.median(busy),
            "memory": f"{memory:.0f}" if memory else "–"}


def table(head, rows):
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def scan(args, path):
    return [args.binary, "scan", "--no-config", "--no-progress", "--format", "jsonl", str(path)]


def version(program):
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    return done.stdout.splitlines()[0].strip() if done.stdout else program


def source_files(tree):
    for place, folders, names in os.walk(tree):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


def is_text(data):
    return b"\0" not in data[:8000]


def measure_tree(args):
    commands = {f"`{args.name} scan`, all rules": scan(args, args.tree)}
    if ripgrep := shutil.which("rg"):
        commands["`rg -c` of one absent literal"] = [ripgrep, "-c", ABSENT, args.tree]
        commands["the same, hidden and ignored files too"] = [ripgrep, "-c", "-uu", ABSENT, args.tree]
    if kingfisher := shutil.which("kingfisher"):
        commands["`kingfisher scan --no-validate --no-update-check`"] = [
            kingfisher, "scan", args.tree, "--no-validate", "--no-update-check", "--quiet"]
    sizes = [os.path.getsize(path) for path in source_files(args.tree)]
    print(f"\nTree: {len(sizes):,} files, {sum(sizes) / MEGABYTE:.0f} MB; {args.rounds} rounds.", end=" ")
    print("; ".join(version(tool) for tool in (args.binary, ripgrep, kingfisher) if tool) + ".")
    result = take_turns(commands, args.rounds)
    base = next((seen for name, seen in result.items() if name.startswith("`rg")), None)
    rows = [(name, f"{seen['time'] * 1000:.0f}", f"{seen['best'] * 1000:.0f}",
             f"{seen['time'] / base['time']:.2f}" if base else "", f"{seen['best'] / base['best']:.2f}" if base else "",
             f"{seen['busy'] * 1000:.0f}", f"{seen['busy'] / base['busy']:.2f}" if base else "", seen["memory"])
            for name, seen in result.items()]
    table(("what", "ms, median", "ms, best", "× rg, median", "× rg, best", "processor ms", "× rg", "peak MB"), rows)


def measure_start(args):
    folder = args.work / "start"
    folder.mkdir()
    (folder / "clean.py").write_text("def area(width, height):\n    return width * height\n\n" * 19)
    # Joined here, so that no assignment of a value stands in this file.
    secret = "password" + " = '" + "tq4zLw8v" + "Nx2p'\n"
    (folder / "finding.py").write_text("def area(width, height):\n    return width * height\n\n" * 18 + secret)
    true = shutil.which("true")
    commands = {"`/bin/true`": [true], "1 kB, nothing found": scan(args, folder / "clean.py"),
                "1 kB, one finding": scan(args, folder / "finding.py"), "`--version`": [args.binary, "--version"]}
    if args.other:
        commands |= {f"the other, {name}": [args.other, *command[1:]]
                     for name, command in commands.items() if command[0] == args.binary}
    result = take_turns(commands, args.rounds * 10)
    table(("start-up", "ms, median", "ms, best", "peak MB"),
          [(name, f"{seen['time'] * 1000:.1f}", f"{seen['best'] * 1000:.1f}", seen["memory"])
           for name, seen in result.items()])


def write_source(args, target, megabytes, change=lambda data: data):
    """The tree's text, over and over, until the file is large enough."""
    left = megabytes * MEGABYTE
    with open(target, "wb") as out:
        while left > 0:
            before = left
            for path in source_files(args.tree):
                data = Path(path).read_bytes()
                if is_text(data):
                    left -= out.write(change(data)[:left])
                if left <= 0:
                    break
            if left == before:
                sys.exit(f"{args.tree} holds no text")
    return target


def throughput(args, title, files, rounds):
    """One file at a time is one thread's work; `files` are path and megabytes by name."""
    result = take_turns({name: scan(args, path) for name, (path, _) in files.items()}, rounds)
    first = next(iter(files))
    speed = {name: {key: size / result[name][key] for key in ("time", "best", "busy")}
             for name, (_, size) in files.items()}
    table((title, "MB/s, median", "MB/s, best", "MB a processor second", "of the first", "peak MB"),
          [(name, f"{seen['time']:.0f}", f"{seen['best']:.0f}", f"{seen['busy']:.0f}",
            f"{seen['busy'] / speed[first]['busy']:.2f}", result[name]["memory"]) for name, seen in speed.items()])


def measure_linear(args):
    sizes = [size for size in (10, 100, 1000) if size <= args.largest]
    # Each is the same text: a series of different texts would show what stands in them, not how time grows.
    base = write_source(args, args.work / "base", 10)
    files = {}
    for size in sizes:
        path = args.work / f"linear-{size}"
        with open(path, "wb") as out:
            for _ in range(size // 10):
                out.write(base.read_bytes())
        files[f"{size} MB of source"] = (path, size)
    throughput(args, "one file, one thread", files, max(3, args.rounds // 2))
    clear(args)


def measure_keywords(args):
    size = min(10, args.largest)
    files = {f"{size} MB of source": (write_source(args, args.work / "source", size), size)}
    for text in (b"password=", b"token: ", b'key="', b"secret=x\n"):
        name = text.decode().replace("\n", "\\n")
        path = args.work / f"keywords-{len(files)}"
        path.write_bytes((text * (size * MEGABYTE // len(text) + 1))[:size * MEGABYTE])
        files[f"`{name}` × n"] = (path, size)
    throughput(args, "nothing but keywords", files, max(3, args.rounds // 2))
    clear(args)


def measure_line(args):
    size = min(500, args.largest)
    flat = lambda data: data.replace(b"\n", b" ").replace(b"\r", b" ")
    path = write_source(args, args.work / "line", size, flat)
    throughput(args, "one line", {f"{size} MB without a newline": (path, size)}, 3)
    clear(args)


def measure_large(args):
    size = min(2000, args.largest * 2)
    path = write_source(args, args.work / "large", size)
    throughput(args, "a large file", {f"{size} MB of source": (path, size)}, 1)
    clear(args)


def clear(args):
    for path in args.work.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", metavar="TREE")
    parser.add_argument("--binary", default=str(HERE.parent / "target/release/tightlip"))
    parser.add_argument("--other", help="a second binary, for the start-up part")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--only", default=",".join(PARTS), help="parts to measure, separated by commas")
    parser.add_argument("--largest", type=int, default=1000, help="megabytes of the largest file of a series")
    parser.add_argument("--work", help="where to put made files (default: a new temporary folder)")
    args = parser.parse_args()
    chosen = args.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"unknown part: {', '.join(unknown)}")
    if not os.path.isdir(args.tree) or not os.access(args.binary, os.X_OK):
        parser.error("TREE must be a folder, and the binary be built")
    args.binary = os.path.abspath(args.binary)
    args.name = os.path.basename(args.binary)
    args.work = Path(tempfile.mkdtemp(prefix="bench-", dir=args.work))
    try:
        for part in PARTS:
            if part in chosen:
                globals()[f"measure_{part}"](args)
    finally:
        shutil.rmtree(args.work)


if __name__ == "__main__":
    main()
