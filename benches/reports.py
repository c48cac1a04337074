#!/usr/bin/env python3
"""Measures each report format on many findings: time, memory, size, and how long a browser takes to open the HTML.
Standard library only; prints Markdown.

  cargo build --release
  benches/reports.py [--binary PATH] [--count N] [--browser PROGRAM]

The findings are made here, always the same, and read by `tightlip report convert`: its memory includes the saved report.
What a browser takes is told with and without the time it takes for an empty page.
"""
import argparse, gzip, json, random, re, shutil, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FORMATS = "human json jsonl sarif github gitlab codequality junit checkstyle azure csv markdown html".split()


def findings(count):
    """As a history of a large repository has them: many files, hundreds of authors, two hundred rules, ten years."""
    chance = random.Random(1)
    severities = ["low", "medium", "medium", "high", "high", "critical"]
    for number in range(count):
        rule = int(chance.triangular(0, 200, 0))
        decision = chance.choice(["block", "block", "warn"])
        line, column = chance.randrange(1, 3000), chance.randrange(1, 60)
        text = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz_", k=chance.randrange(8, 40))) + ' = "'
        masked = "ab" + "*" * 24 + "yz"
        yield {
            "path": f"services/part{chance.randrange(400)}/module{chance.randrange(60)}/settings{number % 7}.py",
            "line": line, "column": column, "end_line": line, "end_column": column + 28,
            "commit": {"id": f"{chance.getrandbits(160):040x}", "author": f"Author {rule} <author{rule}@example.com>",
                       "date": f"{chance.randrange(2016, 2027)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
                       "in_head": chance.random() < 0.5},
            "rule": f"vendor{rule}-api-key", "finds": f"API key of vendor {rule}", "severity": severities[rule % 6],
            "score": 85, "decision": decision, "fingerprint": f"{chance.getrandbits(96):024x}",
            "excerpt": text + masked + '"', "excerpt_column": 1, "mark": [len(text), len(text) + len(masked)],
            "wrapped": [], "reasons": [{"name": "known-prefix", "weight": 75, "note": None},
                                       {"name": "checksum", "weight": 10, "note": f"account {chance.randrange(10**9)}"}],
            "revoke": f"Delete the key in the console of vendor {rule}, then look through its log for use that was not yours.",
        }


def save(path, count):
    block = 0
    with open(path, "w") as out:
        for finding in findings(count):
            block += finding["decision"] == "block"
            print(json.dumps(finding), file=out)
        print(json.dumps({"version": 1, "summary": {
            "complete": True, "block": block, "warn": count - block, "allow": 0, "files": count, "commits": count,
            "bytes": count * 1000, "ignored": 0, "left_out": 0, "skipped": [], "gaps": [], "stale": [],
            "rules": "0123456789ab", "elapsed_ms": 1000}}), file=out)


def measured(command):
    """Seconds, and the largest resident set in megabytes."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    most = 0
    while process.poll() is None:
        try:
            found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        except OSError:
            break
        most = max(most, int(found[1]) if found else 0)
        time.sleep(0.005)
    if process.wait() not in (0, 1):
        sys.exit(process.stderr.read().decode())
    return time.perf_counter() - began, most / 1000


def opened(browser, page, work):
    """Seconds until the browser has drawn the page."""
    shot = work / "shot.png"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,1600",
               f"--user-data-dir={work / 'profile'}", f"--screenshot={shot}", page.as_uri()]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began, shot


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, default=HERE.parent / "target/release/tightlip")
    arguments.add_argument("--count", type=int, default=100_000)
    arguments.add_argument("--browser", default=shutil.which("chromium") or shutil.which("google-chrome"))
    arguments.add_argument("--screenshot", type=Path, help="keep the picture of the page here")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        save(work / "saved.jsonl", asked.count)
        print(f"{asked.count:,} findings, {(work / 'saved.jsonl').stat().st_size / 1e6:.0f} MB of JSON lines\n")
        print("| format | seconds | memory (MB) | size (MB) | packed (MB) |\n|---|---|---|---|---|")
        for name in FORMATS:
            out = work / f"report.{name}"
            # People's report is printed beside any file: another takes its place on standard output.
            command = [asked.binary, "report", "convert", work / "saved.jsonl", "--format", "csv", "--format", f"{name}={out}"]
            seconds, memory = measured(command)
            packed = len(gzip.compress(out.read_bytes()))
            print(f"| {name} | {seconds:.2f} | {memory:.0f} | {out.stat().st_size / 1e6:.1f} | {packed / 1e6:.1f} |")
        if asked.browser:
            page, empty = work / "report.html", work / "empty.html"
            empty.write_text("<!DOCTYPE html><title>empty</title>")
            opened(asked.browser, empty, work)
            without, _ = opened(asked.browser, empty, work)
            with_it, shot = opened(asked.browser, page, work)
            print(f"\nThe browser draws the page in {with_it:.2f} s, an empty one in {without:.2f} s.")
            if asked.screenshot:
                shutil.copy(shot, asked.screenshot)


if __name__ == "__main__":
    main()
