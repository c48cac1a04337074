#!/usr/bin/env python3
"""Makes randomness.bin and words.txt, the tables behind rarity() and wordiness(). Standard library only.

  randomness.py FOLDER...             reads source and documentation below the folders, writes both tables beside this file
  randomness.py --values LABELLED     writes group, label and value of labelled lines as tab-separated text

randomness.bin holds 131,072 entries of four bits: the surprise, in steps of 0.9 bits, of a symbol after the three before
it. Symbols: 26 letters without case, one for all digits, one for every boundary (start, separator, lower to upper), one
for all else. The place of an entry is a hash of its four symbols; where several share a place, the commoner one weighs
more. Words count by the square root of the files they stand in, and long hex and mixed strings are left out, so that the
digests and keys of the corpus are not learnt. The same folders give the same bytes, in any order of their files. The
tables here were made from the sources of this crate's dependencies, Python's and Node's libraries, Perl's modules, the
system's C headers and package documentation: 0.3 GB.
"""
import json, math, os, re, sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUFFIXES = {".rs", ".py", ".js", ".mjs", ".ts", ".c", ".h", ".cpp", ".hpp", ".go", ".pl", ".pm", ".sh", ".css", ".html",
            ".md", ".rst", ".txt", ".toml", ".yml", ".yaml", ".json"}
LEFT_OUT = {"package-lock.json", ".cargo-checksum.json", "words.txt"}
CHUNK = re.compile(rb"[A-Za-z0-9_\-./:$@+]{3,64}")
PART = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
RANDOM = re.compile(rb"[0-9a-fA-F]{16,}|(?=[A-Za-z0-9+/]*\d)(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{24,}")
DIGIT, BOUNDARY, OTHER = 26, 27, 28
MULTIPLIER, PLACE_BITS, STEP = 0x9E3779B1, 17, 0.9
WORD_BYTES = 38 * 1024


def chunks(folder):
    """In how many files below the folder each chunk of text stands."""
    found = Counter()
    for place, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(place, name)
            if os.path.splitext(name)[1] not in SUFFIXES or name in LEFT_OUT or os.path.islink(path):
                continue
            if os.path.getsize(path) <= 400_000:
                found.update(set(CHUNK.findall(Path(path).read_bytes())))
    return found


def symbols(text):
    out, lower = [BOUNDARY], False
    for byte in text:
        if 97 <= byte <= 122:
            out.append(byte - 97)
        elif 65 <= byte <= 90:
            out += [BOUNDARY, byte - 65] if lower else [byte - 65]
        elif 48 <= byte <= 57:
            out.append(DIGIT)
        else:
            out.append(BOUNDARY if byte in b"_-./: " else OTHER)
        lower = 97 <= byte <= 122
    return out


def grams(found):
    four = Counter()
    for chunk in sorted(found):
        if RANDOM.search(chunk):
            continue
        weight = math.isqrt(min(found[chunk], 400) * 100) if found[chunk] > 1 else 3
        run = [BOUNDARY] * 2 + symbols(chunk) + [BOUNDARY]
        key = run[0] << 10 | run[1] << 5 | run[2]
        for symbol in run[3:]:
            key = (key << 5 | symbol) & 0xFFFFF
            four[key] += weight
    return four


def surprise(four):
    """Bits of the last symbol after the three before it, each order leaning on the next shorter one."""
    joint, context = [four], []
    for _ in range(3):
        shorter = Counter()
        for key, weight in joint[-1].items():
            shorter[key & (1 << 5 * (4 - len(joint))) - 1] += weight
        joint.append(shorter)
    for counts in joint:
        sums = Counter()
        for key, weight in counts.items():
            sums[key >> 5] += weight
        context.append(sums)
    lean = 50.0

    def chance(order, key):
        if order == 4:
            return 1 / 29
        shorter = chance(order + 1, key & (1 << 5 * (3 - order)) - 1)
        return (joint[order][key] + lean * shorter) / (context[order][key >> 5] + lean)

    return {key: -math.log2(chance(0, key)) for key in four}


def table(four):
    bits = surprise(four)
    total, weight = [0.0] * (1 << PLACE_BITS), [0.0] * (1 << PLACE_BITS)
    for key in sorted(four):
        place = (key * MULTIPLIER & 0xFFFFFFFF) >> 32 - PLACE_BITS
        total[place] += four[key] * bits[key]
        weight[place] += four[key]
    nibbles = [min(15, round(t / w / STEP)) if w else 15 for t, w in zip(total, weight)]
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2]))


def words(corpora):
    """The commonest words of four to fourteen letters that stand in more than one folder, as many as fit."""
    weight, folders = Counter(), Counter()
    for found in corpora:
        here = Counter()
        for chunk, files in found.items():
            if files > 1 and not RANDOM.search(chunk):
                for part in {part.lower() for part in PART.findall(chunk)}:
                    if 4 <= len(part) <= 14 and len(set(part)) > 2:
                        here[part] += math.isqrt(files * 100)
        weight += here
        folders.update(here.keys())
    kept, size = [], 0
    for word in sorted(weight, key=lambda word: (-weight[word], word)):
        size += len(word) + 1 if folders[word] > 1 else 0
        if size > WORD_BYTES:
            break
        if folders[word] > 1:
            kept.append(word.decode())
    return "\n".join(sorted(kept)) + "\n"


NAME = re.compile(r"""[\w.\-\]\[]*(?:pass|pwd|secret|token|key|auth|cred|salt|nonce|api|pepper|hash)[\w.\-\]\[]*["'`\\]*\)?"""
                  r"""\s*(?:=>|:=|==|=|:|\(|,|\s)\s*(?:basic\s+|bearer\s+)?"""
                  r"""(?:\\?"([^"\\]+)|\\?'([^'\\]+)|`([^`]+)|([^\s"'`,;]+))""", re.I)
RIGHT = re.compile(r"""[=:]\s*(?:\\?"([^"\\]+)|\\?'([^'\\]+)|`([^`]+)|([^\s"'`,;]+))""")


def values(labelled):
    """One value a labelled line: the longest right of a name that speaks of a secret, else the longest right of = or :."""
    seen = set()
    for line in open(labelled, encoding="utf-8"):
        record = json.loads(line)
        for first, last, label, _, group in record["labels"]:
            text = record["lines"].get(str(first), "")
            if first != last or group not in ("generic", "password") or len(text) > 600:
                continue
            for pattern in (NAME, RIGHT):
                found = [next(part for part in match.groups() if part).strip() for match in pattern.finditer(text)]
                found = [value for value in found if len(value) >= 4 and "\t" not in value]
                if found:
                    break
            else:
                continue
            value = max(found, key=len)
            key = record["path"].split("/")[0], group, label, value
            if key not in seen:
                seen.add(key)
                print(group, label, value, sep="\t")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--values":
        return values(sys.argv[2])
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    corpora = [chunks(folder) for folder in sys.argv[1:]]
    (HERE / "randomness.bin").write_bytes(table(grams(sum(corpora, Counter()))))
    (HERE / "words.txt").write_text(words(corpora), encoding="ascii")


main()
