#!/usr/bin/env python3
"""Writes `hits` and `misses` of rules that have none yet, from their patterns.

  rules/examples.py rules/secrets/acme.yml [...]     then: tightlip rules check rules/secrets/acme.yml
  rules/examples.py --salt 1 ...                     other values, for a rule whose check refuses the first ones

Values are random but fixed: the seed is the rule's id and the salt. Each stands in another surrounding (code, dotenv,
YAML, JSON, URL, shell) and is cut, so that no file holds a whole token. Checks that the values must pass (`crc32`) are
computed; the other ones with a checksum need examples by hand. Needs PyYAML. A rule ends with its last field: what the
script adds goes there.
"""
import argparse
import base64
import random
import re
import zlib

import yaml

try:
    from re import _constants as sre, _parser as parser
except ImportError:
    import sre_constants as sre
    import sre_parse as parser

KINDS = ("webhook-url", "client-secret", "access-token", "refresh-token", "api-key", "api-token", "api-secret", "secret-key",
         "access-key", "private-key", "signing-secret", "auth-token", "webhook-secret", "password", "secret", "token", "key")
# A name, a value, and the name of whoever the value belongs to.
PLAIN = ("{UPPER}={value}", "{lower}: {value}", '{{"{camel}": "{value}", "retries": 3}}', "export {UPPER}='{value}'",
         'const {camel} = "{value}";', "https://api.acme.io/v2/items?token={value}&page=2", "deploy --token {value} --region eu",
         "ENV {UPPER}={value}", '\t{camel} := "{value}"', '<add key="{camel}" value="{value}" />')
NAMED = ("{UPPER}={value}", "{lower}: {value}", '{{"{camel}": "{value}", "retries": 3}}', "export {UPPER}='{value}'",
         'const {camel} = "{value}";', "ENV {UPPER}={value}", "{lower} = '{value}'", '<add key="{camel}" value="{value}" />')
HOSTS = ("curl -H 'X-Api-Key: {value}' https://{host}/v2/me", 'fetch("https://{host}/v1/items?api_key={value}")',
         "https://{host}/v1/items?token={value}&page=2")
DIGITS = {"base62": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "base36": "0123456789abcdefghijklmnopqrstuvwxyz"}


class Maker:
    """Random texts that a pattern matches."""

    def __init__(self, pattern, rng):
        self.tree = parser.parse(pattern.replace("(?<", "(?P<"))
        self.names = {number: name for name, number in self.tree.state.groupdict.items()}
        self.rng = rng
        self.spans = {}

    def make(self, shorter=False):
        self.shorter, self.cut_one, self.out, self.spans = shorter, shorter, [], {}
        self.walk(self.tree)
        text = "".join(self.out)
        return text[:len(text) - 1 - len(text) // 6] if self.cut_one else text

    def walk(self, items):
        for op, arg in items:
            if op is sre.LITERAL:
                self.out.append(chr(arg))
            elif op is sre.IN:
                self.out.append(self.pick(self.charset(arg)))
            elif op in (sre.NOT_LITERAL, sre.ANY):
                self.out.append(self.pick("abcdefghijkmnpqrstuvwxyz"))
            elif op is sre.BRANCH:
                self.walk(self.rng.choice(arg[1]))
            elif op is sre.SUBPATTERN:
                start = len("".join(self.out))
                self.walk(arg[3])
                if arg[0] in self.names:
                    self.spans[self.names[arg[0]]] = (start, len("".join(self.out)))
            elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
                self.repeat(*arg)
            else:
                raise ValueError(f"a pattern may not use {op}")

    def repeat(self, least, most, items):
        long = least >= 8
        count = self.rng.randint(least, max(least, min(most, least + (8 if long else 2)))) if most > 1 or least else self.rng.randint(0, most)
        if self.cut_one and long:
            count, self.cut_one = max(1, least - 1 - least // 6), False
        part = range(count)
        for index in part:
            # A run that may hold signs begins and ends with none.
            self.edge = index in (0, count - 1)
            self.walk(items)
        self.edge = False

    def charset(self, items):
        chars = set()
        for op, arg in items:
            if op is sre.LITERAL:
                chars.add(chr(arg))
            elif op is sre.RANGE:
                chars.update(map(chr, range(arg[0], arg[1] + 1)))
            elif op is sre.NEGATE:
                return sorted(set("abcdefghijkmnpqrstuvwxyz23456789"))
            elif op is sre.CATEGORY:
                chars.update("0123456789" if arg is sre.CATEGORY_DIGIT else "abcdefghijkmnpqrstuvwxyz23456789")
        return sorted(chars)

    def pick(self, chars):
        plain = [char for char in chars if char.isascii() and char.isalnum()]
        if plain and (getattr(self, "edge", False) or self.rng.random() < 0.93):
            return self.rng.choice(plain)
        return self.rng.choice(chars)


def crc(text, check):
    """The digits that a `crc32` check wants at the end of a text."""
    tail, gap = check["tail"], check.get("gap", 0)
    body = text[check.get("skip", 0):len(text) - tail - gap]
    number = zlib.crc32(body.encode())
    form = check["digits"]
    if form in DIGITS:
        alphabet, out = DIGITS[form], ""
        while number:
            number, digit = divmod(number, len(alphabet))
            out = alphabet[digit] + out
        return out.rjust(tail, "0")
    if form in ("hex", "HEX"):
        return format(number, "08x" if form == "hex" else "08X")
    little = number.to_bytes(4, "little")
    return little.hex() if form == "hex-le" else base64.b64encode(little).decode()[:tail]


def checksums(rule):
    return [check["crc32"] for check in rule.get("checks", []) if isinstance(check, dict) and "crc32" in check]


def value(rule, maker, shorter=False):
    """A value that the pattern matches and the rule's checks let pass, or one that is too short."""
    wanted = next((check["random-enough"] for check in rule.get("checks", []) if "random-enough" in check), {})
    for _ in range(200):
        text = made(rule, maker, shorter)
        kinds = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
        if shorter or len(set(text)) > wanted.get("distinct", 0) and kinds >= wanted.get("kinds", 0):
            return text
    raise ValueError(f"{rule['id']}: no value is random enough")


def made(rule, maker, shorter):
    if "uuid" in rule.get("checks", []):
        number = f"{maker.rng.getrandbits(128):032x}"
        if "A-F" in rule["pattern"]:
            number = number.upper()
        return "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:32 - 3 * shorter]))
    text = maker.make(shorter)
    if named_before(rule):
        start, end = maker.spans["secret"]
        return text[start:end]
    for check in [] if shorter else checksums(rule):
        text = text[:len(text) - check["tail"]] + crc(text, check)
    return text


def named_before(rule):
    """Whether the pattern begins with its owner's name, and the value follows on the line."""
    return rule.get("ignore_case") and "(?<secret>" in rule["pattern"]


def owners(rule):
    return rule["literals"] if named_before(rule) else rule.get("near", {}).get("words", [])


def cut(rule, text):
    """A text with `{cut}` in it: in its secret part, else in its literal if it has one, else in its middle."""
    if "(?<secret>" in rule["pattern"] and not named_before(rule):
        # What follows the fixed part that stands before the secret.
        before = re.split(r"\(\?<secret>", rule["pattern"].replace("(?:", "("))[0]
        found = re.search(before + "(?P<rest>[^ <>]{4,})", text)
        at = (found.start("rest") + min(found.end("rest"), found.start("rest") + 16)) // 2 if found else len(text) // 2
        return text[:at] + "{cut}" + text[at:]
    for literal in [] if named_before(rule) else sorted(rule.get("literals", []), key=len, reverse=True):
        at = text.lower().find(literal.lower()) if rule.get("ignore_case") else text.find(literal)
        if at >= 0:
            at += max(1, min(len(literal) - 1, (len(literal) + 1) // 2))
            return text[:at] + "{cut}" + text[at:]
    return text[:len(text) // 2] + "{cut}" + text[len(text) // 2:]


def head(rule, text):
    """Where the part of a value begins that differs from token to token."""
    ends = (text.find(literal) + len(literal) for literal in rule.get("literals", []) if literal in text)
    end = max(ends, default=0)
    return end if len(text) - end > 4 else 1


def names(rule, rng):
    """What a program would call the value: `STRIPE_API_KEY`."""
    kind = next((kind for kind in KINDS if rule["id"].endswith(kind)), "token")
    words = [word for word in owners(rule) if re.fullmatch(r"[a-z][a-z0-9_-]+", word)]
    hosts = [word for word in owners(rule) if "." in word]
    owner = rng.choice(words) if words else rule["id"].removesuffix("-" + kind)
    parts = re.split(r"[-_]", owner)
    spoken = {"key", "token", "secret", "password", "auth"}
    more = [] if spoken & set(parts[-1:]) else kind.split("-")
    if words and len(parts) > 1:
        # The owner's name must stand as it is written.
        lower = camel = ("-" if "-" in owner else "_").join([owner, *more])
    else:
        lower = "_".join(parts + more)
        camel = parts[0] + "".join(part.capitalize() for part in (parts + more)[1:])
    hosts += [f"{word}.com" for word in words if word.isalnum()]
    host = rng.choice(hosts or ["acme.io"])
    host = host if host.count(".") > 1 else "api." + host
    return {"UPPER": lower.upper(), "lower": lower, "camel": camel, "host": host}, bool(words), bool(hosts)


def surroundings(rule, rng):
    naming, words, hosts = names(rule, rng)
    if not owners(rule):
        forms = list(PLAIN)
    else:
        forms = (list(NAMED) if words else []) + (list(HOSTS) if hosts else [])
    if named_before(rule):
        forms = [form for form in forms if form.startswith("{") and not form.startswith("{{")]
    rng.shuffle(forms)
    return forms, naming


def whole(text):
    """Whether a match brings its own surroundings: an address, a header, a setting."""
    return bool(re.search(r"[\s\"'<>=]|://", text.rstrip("=")))


def wrap(form, naming, text):
    return form.format(value=text, **naming)


def examples(rule, salt):
    rng = random.Random(f"{rule['id']}/{salt}")
    maker = Maker(rule["pattern"], rng)
    forms, naming = surroundings(rule, rng)
    hits, misses = [], []
    for form in forms[:2] if len(forms) > 1 else forms * 2:
        text = value(rule, maker)
        hits.append(cut(rule, text) if whole(text) and not owners(rule) else wrap(form, naming, cut(rule, text)))
    form = forms[2 % len(forms)]
    short = value(rule, maker, shorter=True)
    own = whole(short) and not owners(rule)
    misses.append(cut(rule, short) if own else wrap(form, naming, cut(rule, short)))
    broken = value(rule, maker)
    if checksums(rule) and any(check.get("refute", 30) >= 60 for check in checksums(rule)):
        last = "1" if broken[-1] == "0" else "0"
        misses.append(wrap(form, naming, cut(rule, broken[:-1] + last)))
    if owners(rule):
        misses.append(f"etag: {cut(rule, broken)}")
    else:
        at = head(rule, broken) + 2
        wrong = broken[:at] + "*" + broken[at + 1:]
        misses.append(cut(rule, wrong) if own else wrap(form, naming, cut(rule, wrong)))
    if any("random-enough" in check for check in rule.get("checks", [])):
        start = head(rule, broken)
        stand_in = broken[:start] + re.sub("[0-9A-Za-z]", "0" if broken[start:].isdigit() else "x", broken[start:])
        if re.fullmatch(rule["pattern"].replace("(?<", "(?P<"), stand_in):
            misses.append(cut(rule, stand_in) if own else wrap(form, naming, cut(rule, stand_in)))
    return hits, misses


def quoted(text):
    if re.search(r"[\t\n\r\x00-\x1f]", text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n") + '"'
    return "'" + text.replace("'", "''") + "'"


def rewrite(path, salt):
    source = path.read_text(encoding="utf-8") if hasattr(path, "read_text") else open(path, encoding="utf-8").read()
    blocks = re.split(r"(?m)^(?=- id: )", source)
    out = [blocks[0]]
    for block in blocks[1:]:
        [rule] = yaml.safe_load(block)
        if "hits" in rule or "pattern" not in rule:
            out.append(block)
            continue
        hits, misses = examples(rule, salt)
        body = block.rstrip("\n")
        tail = block[len(body):]
        lines = ["  hits:", *(f"    - {quoted(text)}" for text in hits), "  misses:", *(f"    - {quoted(text)}" for text in misses)]
        out.append(body + "\n" + "\n".join(lines) + (tail or "\n"))
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(out))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="+")
    options.add_argument("--salt", type=int, default=0)
    args = options.parse_args()
    for path in args.files:
        rewrite(path, args.salt)


if __name__ == "__main__":
    main()
