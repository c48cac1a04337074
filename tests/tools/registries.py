"""Installs what tests need from PyPI and npm, into a folder of their own.

Where those cannot be reached, tests that need them fail, unless TIGHTLIP_OFFLINE=1 says that it is known.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def python(folder, requirements):
    """A virtual environment with what a file lists; gives the folder with its programs."""
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin/pip", "install", "--quiet", "-r", requirements)
    return folder / "bin"


def npm(folder, package):
    """What a package.json depends on; gives the folder with its programs."""
    folder.mkdir()
    shutil.copy(package, folder)
    # None of them needs a script of its own to run.
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder)
    return folder / "node_modules/.bin"


def run(*command):
    subprocess.run(command, check=True, capture_output=True, text=True)


def or_say(what, install):
    """Runs `install`; ends this program where it fails."""
    try:
        return install()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"NOT TESTED: {what}\n{error}\n{getattr(error, 'stderr', '')}", file=sys.stderr)
        if os.environ.get("TIGHTLIP_OFFLINE") == "1":
            sys.exit(0)
        sys.exit("set TIGHTLIP_OFFLINE=1 where the registries are not reached, to go on without")


def site_packages(programs):
    """Where such an environment keeps its modules."""
    return str(next(Path(programs).parent.glob("lib/python3*/site-packages")))
