"""What pip asks of this repository (PEP 517): a wheel without files, which needs the one with the program."""

import wheel

NAME = "tightlip-hooks"


def get_requires_for_build_wheel(config_settings=None):
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    needs = [
        "Summary: The program tightlip, for managers of git hooks that install a repository",
        "License: MIT OR Apache-2.0",
        "Requires-Python: >=3.8",
        f"Requires-Dist: tightlip =={wheel.version()}",
    ]
    return wheel.write(wheel_directory, NAME, "py3-none-any", {}, needs)


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError("install the wheel `tightlip`, or build with `cargo install --path .`")
