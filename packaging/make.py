#!/usr/bin/env python3
"""Makes the packages of a release out of built programs: `packaging/make.py KIND FOLDER PROGRAM…`.

Nothing is compiled or downloaded. Completions and manual pages are what the program itself prints, so it has to run
here, or the one that --asked names in its place. The same program gives the same bytes.
"""

import argparse
import gzip
import hashlib
import io
import json
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "python"))

import sbom  # noqa: E402
import wheel  # noqa: E402

# What each maker of packages calls a machine, by ELF's number for it.
MACHINES = {
    62: {"rust": "x86_64", "wheel": "x86_64", "deb": "amd64", "npm": "x64"},
    183: {"rust": "aarch64", "wheel": "aarch64", "deb": "arm64", "npm": "arm64"},
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
        try:
            return subprocess.run([self.asked, *args], check=True, stdout=subprocess.PIPE).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"{self.asked} does not run here: {error}; `--asked` names one that does") from error

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
    # One that needs this machine's libraries is for this kind of machine alone, and no index takes it.
    tags = f"manylinux_2_17_{name}.musllinux_1_1_{name}" if program.is_static else f"linux_{name}"
    data = f"tightlip-{wheel.version()}.data"
    files = {f"{data}/scripts/tightlip": (program.bytes, 0o755)}
    for place, content in program.extras().items():
        files[f"{data}/data/{place}"] = (content, 0o644)
    readme = (wheel.ROOT / "README.md").read_text(encoding="utf-8")
    metadata = [
        "Summary: Finds secrets in files, commits and pushes before they leak",
        "License: MIT OR Apache-2.0",
        f"Project-URL: Source, {wheel.package('repository')}",
        "Requires-Python: >=3.8",
        "Description-Content-Type: text/markdown",
        "",
        readme,
    ]
    return wheel.write(folder, "tightlip", f"py3-none-{tags}", files, metadata)


def make_archive(program, folder):
    """For people, and for action.yml, which pins its checksum."""
    stem = f"tightlip-{wheel.version()}-{program.machine['rust']}-unknown-linux-musl"
    files = {"tightlip": (program.bytes, 0o755)}
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"]:
        files[name] = ((wheel.ROOT / name).read_bytes(), 0o644)
    for place, content in program.extras().items():
        files[place] = (content, 0o644)
    static_only(program)
    (folder / f"{stem}.tar.gz").write_bytes(packed({f"{stem}/{name}": file for name, file in files.items()}))
    return f"{stem}.tar.gz"


def static_only(program):
    if not program.is_static:
        raise SystemExit("this program needs shared libraries of the machine it was built on: see packaging/build.sh")


def make_deb(program, folder):
    """For Debian and Ubuntu. A static program depends on nothing."""
    static_only(program)
    files = {"usr/bin/tightlip": (program.bytes, 0o755)}
    for place, content in program.extras().items():
        # Debian's own places: manual pages packed, and zsh's beside those of other packages.
        place = place.replace("zsh/site-functions", "zsh/vendor-completions")
        if "/man1/" in place:
            place, content = f"{place}.gz", gzip.compress(content, 9, mtime=0)
        files[f"usr/{place}"] = (content, 0o644)
    files["usr/share/doc/tightlip/copyright"] = (copyright_file().encode(), 0o644)
    files["usr/share/doc/tightlip/changelog.gz"] = (
        gzip.compress((wheel.ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0), 0o644)
    size = sum(len(content) for content, _ in files.values()) // 1024 + 1
    control = "\n".join([
        "Package: tightlip", f"Version: {wheel.version()}", f"Architecture: {program.machine['deb']}",
        f"Maintainer: {wheel.package('authors')}", f"Installed-Size: {size}", "Section: devel",
        "Priority: optional", "Suggests: git", f"Homepage: {wheel.package('repository')}",
        "Description: finds secrets before they leak",
        " A scanner for files, commits and pushes, and a gate in front of them. It works on this",
        " machine alone, and fails when it could not look at everything.", ""])
    sums = "".join(f"{hashlib.md5(content).hexdigest()}  {name}\n" for name, (content, _) in files.items())
    parts = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": packed({"./control": (control.encode(), 0o644), "./md5sums": (sums.encode(), 0o644)}),
        "data.tar.gz": packed({f"./{name}": file for name, file in files.items()}),
    }
    name = f"tightlip_{wheel.version()}_{program.machine['deb']}.deb"
    archive = b"!<arch>\n"
    for part, content in parts.items():
        archive += f"{part:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        archive += content + b"\n" * (len(content) % 2)
    (folder / name).write_bytes(archive)
    return name


def copyright_file():
    """In the form that Debian's tools read."""
    def indented(name):
        lines = (wheel.ROOT / name).read_text(encoding="utf-8").splitlines()
        return "".join(f" {line}\n" if line.strip() else " .\n" for line in lines)
    return ("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
            f"Upstream-Name: tightlip\nSource: {wheel.package('repository')}\n\nFiles: *\nCopyright: the tightlip contributors\n"
            "License: MIT or Apache-2.0\nComment: The program contains libgit2, which is under the GPL version 2 with\n"
            " an exception that permits linking it into any program.\n\n"
            f"License: MIT\n{indented('LICENSE-MIT')}\nLicense: Apache-2.0\n{indented('LICENSE-APACHE')}")


def make_npm(programs, folder):
    """One package with the programs for all machines, so that nothing is fetched and no script runs at installation."""
    files = {}
    for program in programs:
        static = "" if program.is_static else " (not static)"
        print(f"npm: linux-{program.machine['npm']}{static}", file=sys.stderr)
        files[f"lib/linux-{program.machine['npm']}/tightlip"] = (program.bytes, 0o755)
    for place, content in programs[0].extras().items():
        files[place] = (content, 0o644)
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"]:
        files[name] = ((wheel.ROOT / name).read_bytes(), 0o644)
    files["bin/tightlip.js"] = ((HERE / "npm/tightlip.js").read_bytes(), 0o755)
    package = json.loads((HERE / "npm/package.json").read_text(encoding="utf-8"))
    package["version"] = wheel.version().replace("rc", "-rc.")
    # What is published with a proof of where it was built has to name this.
    package["repository"] = {"type": "git", "url": f"git+{wheel.package('repository')}.git"}
    package["cpu"] = sorted(program.machine["npm"] for program in programs)
    package["man"] = sorted(f"./{name}" for name in files if "/man1/" in name)
    files["package.json"] = (json.dumps(package, indent=2).encode() + b"\n", 0o644)
    name = f"tightlip-{package['version']}.tgz"
    (folder / name).write_bytes(packed({f"package/{path}": file for path, file in files.items()}))
    return name


def packed(files):
    """A tar.gz of contents and modes by path, with their folders, without a date or an owner."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        folders = {str(parent) for name in files for parent in Path(name).parents}
        for folder in sorted(folders - {"."}):
            entry = tarfile.TarInfo(f"./{folder}" if name_is_dotted(files) else folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for name, (content, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), 9, mtime=0)


def name_is_dotted(files):
    return next(iter(files)).startswith("./")


def make_sbom(program, folder):
    """What the program is made of, as CycloneDX: the crates that it links or is built by, and libgit2."""
    target = f"{program.machine['rust']}-unknown-linux-musl"
    asked = subprocess.run(
        ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target],
        check=True, stdout=subprocess.PIPE, cwd=wheel.ROOT)
    metadata = json.loads(asked.stdout)
    name = f"tightlip-{wheel.version()}-{target}.cdx.json"
    text = json.dumps(sbom.of(metadata, (wheel.ROOT / "Cargo.lock").read_text(encoding="utf-8"), program.bytes), indent=2)
    (folder / name).write_text(text + "\n", encoding="utf-8")
    return name


def make_image(program, folder):
    """The folder that `docker build` takes: the Dockerfile, and the program below Docker's name for the machine."""
    static_only(program)
    place = folder / "image"
    (place / program.machine["deb"]).mkdir(parents=True, exist_ok=True)
    path = place / program.machine["deb"] / "tightlip"
    path.write_bytes(program.bytes)
    path.chmod(0o755)
    (place / "Dockerfile").write_bytes((HERE / "Dockerfile").read_bytes())
    return "image"


def make_checksums(folder):
    """Of all files of the folder, as `sha256sum --check` reads them."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    return "SHA256SUMS"


EACH = {"wheel": make_wheel, "archive": make_archive, "deb": make_deb, "sbom": make_sbom, "image": make_image}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=[*EACH, "npm", "all", "checksums"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    parser.add_argument("--asked", help="a program of the same version that runs here, for completions and pages")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    programs = [Program(path, args.asked) for path in args.programs]
    made = []
    for kind, make in EACH.items():
        if args.kind in (kind, "all"):
            made += [make(program, args.folder) for program in programs]
    if args.kind in ("npm", "all"):
        made.append(make_npm(programs, args.folder))
    if args.kind in ("checksums", "all"):
        made.append(make_checksums(args.folder))
    for name in made:
        print(args.folder / name)


if __name__ == "__main__":
    main()
