"""What the program is made of, as CycloneDX 1.6, out of what cargo knows. Nothing is asked for elsewhere."""

import hashlib
import re


def of(metadata, lock, program):
    """`lock` is the text of Cargo.lock, which has the checksums; `program` the bytes that this is about."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    edges = reached(nodes, root)
    sums = checksums(lock)
    components, depends = [], []
    for package_id in sorted(edges, key=lambda it: (packages[it]["name"], packages[it]["version"])):
        package = packages[package_id]
        depends.append({"ref": ref(package), "dependsOn": sorted(ref(packages[it]) for it in edges[package_id])})
        if package_id != root:
            components.append(component(package, sums))
    components += inside(components, depends)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": whole(packages[root], program)},
        "components": components,
        "dependencies": depends,
    }


def reached(nodes, root):
    """The crates that are linked or run at build time, with what each needs. Those for tests alone are none."""
    edges, waiting = {}, [root]
    while waiting:
        current = waiting.pop()
        if current in edges:
            continue
        needed = [it["pkg"] for it in nodes[current]["deps"] if any(kind["kind"] != "dev" for kind in it["dep_kinds"])]
        edges[current] = needed
        waiting += needed
    return edges


def checksums(lock):
    found = re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"\nsource = [^\n]+\nchecksum = "([0-9a-f]+)"', lock)
    return {(name, version): checksum for name, version, checksum in found}


def ref(package):
    return f"pkg:cargo/{package['name']}@{package['version'].replace('+', '%2B')}"


def component(package, sums):
    name, version = package["name"], package["version"]
    made = {"type": "library", "bom-ref": ref(package), "name": name, "version": version, "purl": ref(package)}
    if package.get("license"):
        # The older way to write a choice.
        made["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if (name, version) in sums:
        made["hashes"] = [{"alg": "SHA-256", "content": sums[name, version]}]
    return made


def inside(components, depends):
    """Sources in C that a crate brings with it, as the part of its version behind the `+` says."""
    found = []
    for it in components:
        if it["name"] == "libgit2-sys":
            version = it["version"].split("+")[1]
            made = {"type": "library", "bom-ref": f"pkg:generic/libgit2@{version}", "name": "libgit2", "version": version,
                    "purl": f"pkg:generic/libgit2@{version}",
                    "licenses": [{"license": {"name": "GPL-2.0-only with an exception for linking"}}]}
            next(entry for entry in depends if entry["ref"] == it["bom-ref"])["dependsOn"].append(made["bom-ref"])
            depends.append({"ref": made["bom-ref"], "dependsOn": []})
            found.append(made)
    return found


def whole(package, program):
    return {
        "type": "application", "bom-ref": ref(package), "name": package["name"], "version": package["version"],
        "purl": ref(package), "licenses": [{"expression": package["license"]}],
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(program).hexdigest()}],
    }
