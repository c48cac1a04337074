#!/usr/bin/env python3
"""Makes the packages of a release out of one built program: `packaging/make.py KIND PROGRAM FOLDER`.

Nothing is compiled or downloaded. Completions and manual pages are what the program itself prints, so the program has
to run here, or the one named with --asked instead of it. The same program gives the same bytes.
"""

import argparse
import struct
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "python"))

import wheel  # noqa: E402

# What each maker of packages calls a machine, by ELF's number for it.
MACHINES = {
    62: {"rust": "x86_64", "wheel": "x86_64"},
    183: {"rust": "aarch64", "wheel": "aarch64"},
}
SHELLS = {
    "bash": "share/bash-completion/completions/tightlip",
    "fish": "share/fish/vendor_completions.d/tightlip.fish",
    "zsh": "share/zsh/site-functions/_tightlip",
}


class Program:
    """The built program, what kind of machine it is for, and what it says of itself."""

    def __init__(self, path, asked=None):
        self.bytes = Path(path).read_bytes()
        self.asked = str(Path(asked or path).resolve())
        if self.bytes[:6] != b"\x7fELF\x02\x01":
            raise SystemExit(f"{path}: not a program for 64-bit Linux")
        number = struct.unpack_from("<H", self.bytes, 18)[0]
        if number not in MACHINES:
            raise SystemExit(f"{path}: for a machine that is not packaged")
        self.machine = MACHINES[number]
        self.is_static = INTERPRETER not in self.segments()

    def segments(self):
        at, size, count = self.number("<Q", 32), self.number("<H", 54), self.number("<H", 56)
        return {self.number("<I", at + index * size) for index in range(count)}

    def number(self, form, at):
        return struct.unpack_from(form, self.bytes, at)[0]

    def says(self, *args):
        return subprocess.run([self.asked, *args], check=True, stdout=subprocess.PIPE).stdout

    def extras(self):
        """Completions and manual pages, by their place below a prefix such as /usr."""
        files = {place: self.says("completions", shell) for shell, place in SHELLS.items()}
        files["share/man/man1/tightlip.1"] = self.says("man")
        for name in self.commands():
            files[f"share/man/man1/tightlip-{name}.1"] = self.says("man", name)
        return files

    def commands(self):
        """Those that the manual page has a page for."""
        listed = self.says("man", "--help").decode().replace("\n", " ")
        names = listed.split("possible values:")[1].split("]")[0]
        return [name.strip() for name in names.split(",")]


# The segment that names the loader of shared libraries: a static program has none.
INTERPRETER = 3


def make_wheel(program, folder):
    """For pip, uv, and managers of hooks that go by them."""
    name = program.machine["wheel"]
    # A program that needs this machine's libraries is for this kind of machine alone, and no index takes it.
    tags = f"manylinux_2_17_{name}.musllinux_1_1_{name}" if program.is_static else f"linux_{name}"
    data = f"tightlip-{wheel.version()}.data"
    files = {f"{data}/scripts/tightlip": (program.bytes, 0o755)}
    for place, content in program.extras().items():
        files[f"{data}/data/{place}"] = (content, 0o644)
    readme = (wheel.ROOT / "README.md").read_text(encoding="utf-8")
    metadata = [
        "Summary: Finds secrets in files, commits and pushes before they leak",
        "License: MIT OR Apache-2.0",
        "Requires-Python: >=3.8",
        "Description-Content-Type: text/markdown",
        "",
        readme,
    ]
    return wheel.write(folder, "tightlip", f"py3-none-{tags}", files, metadata)


KINDS = {"wheel": make_wheel}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("program")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--asked", help="a program of the same version that runs here, for completions and pages")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    print(args.folder / KINDS[args.kind](Program(args.program, args.asked), args.folder))


if __name__ == "__main__":
    main()
