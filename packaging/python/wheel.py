"""Writes wheels: zip files with a list of what is in them. The same input gives the same bytes."""

import base64
import hashlib
import re
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# The first moment that a zip file can name.
BEGINNING = (1980, 1, 1, 0, 0, 0)


def version():
    """As Cargo.toml has it, in Python's spelling: `1.0.0-rc.1` is `1.0.0rc1`."""
    return package("version").replace("-rc.", "rc")


def package(key):
    """What Cargo.toml says of the package: a text, or the first of a list."""
    table = (ROOT / "Cargo.toml").read_text(encoding="utf-8").split("\n[", 2)[0]
    return re.search(rf'^{key} = \[?"([^"]+)"', table, re.MULTILINE)[1]


def write(folder, name, tag, files, metadata):
    """Writes a wheel into a folder and gives its file name. `files` has contents and modes by path."""
    number = version()
    stem = f"{name.replace('-', '_')}-{number}"
    info = f"{stem}.dist-info"
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {number}"]
    tags = [f"Tag: {part}" for part in expanded(tag)]
    pure = "true" if tag.endswith("-any") else "false"
    wheel = ["Wheel-Version: 1.0", "Generator: tightlip", f"Root-Is-Purelib: {pure}", *tags]
    entries = dict(files)
    entries[f"{info}/METADATA"] = ("\n".join(head + metadata) + "\n", 0o644)
    entries[f"{info}/WHEEL"] = ("\n".join(wheel) + "\n", 0o644)
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"]:
        entries[f"{info}/licenses/{licence}"] = ((ROOT / licence).read_bytes(), 0o644)
    record = f"{info}/RECORD"
    rows = []
    file = f"{stem}-{tag}.whl"
    with zipfile.ZipFile(Path(folder) / file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, (content, mode) in entries.items():
            content = content.encode() if isinstance(content, str) else content
            add(archive, path, content, mode)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(content)}")
        add(archive, record, "\n".join([*rows, f"{record},,"]).encode() + b"\n", 0o644)
    return file


def expanded(tag):
    """Each of the tags that a file name with dots stands for."""
    pythons, abis, platforms = (part.split(".") for part in tag.split("-"))
    return [f"{python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms]


def add(archive, path, content, mode):
    entry = zipfile.ZipInfo(path, BEGINNING)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    # A regular file.
    entry.external_attr = (0o100000 | mode) << 16
    archive.writestr(entry, content)
