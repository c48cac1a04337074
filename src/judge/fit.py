#!/usr/bin/env python3
"""Fits weights.txt: logistic regression over the features that `examples/features.rs` prints.

  cargo run --release --example features -- LABELLED_TREE > labelled.features
  cargo run --release --example features -- CLEAN_CODE    > clean.features
  fit.py --labels labelled.jsonl --features labelled.features --clean clean.features [--write]

Needs numpy and scipy. Repositories (the first part of a path) are the folds: no line is judged by weights that
saw its repository. Of the candidates on a true line only the likeliest counts as true, so three rounds are made. Ten
points are STEP of log-odds, 50 points are even odds.
"""
import argparse, json, random, re, zlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

HERE = Path(__file__).resolve().parent
STEP = 0.66
# What is never to speak for a secret, whatever the data say: a table that gives points for a test path or for a
# placeholder would be believed by nobody, and is an artefact of what was labelled.
NEVER_FOR = ("joined-string", "path-recording", "bearer-word", "path-test", "path-docs", "path-locale", "name-head-test", "name-head-public", "name-head-cipher", "name-tail-cipher", "cipher-digest", "marked-placeholder", "name-tail-benign", "name-lookalike",
             "has-example", "has-possessive", "comment", "line-example", "placeholder", "like-", "unquoted-before-", "few-distinct",
             "runs", "digits-only", "escapes", "userinfo-same", "words-all", "words-most", "one-word", "has-stem", "is-stem",
             "is-name", "upper-only", "test-wordy", "password-test", "password-one-word", "password-has-stem", "password-words", "local-host",
             "basic-refuted", "wrapped-lookup", "length-3-5", "not-ascii", "line-speaks", "line-asserts", "short-and-random-below",
             "long-and-random-below", "userinfo-wordy", "token-wordy", "key-wordy", "secret-wordy", "auth-wordy",
             "shape-p", "shape-i", "shape-c", "shape-h", "shape-url", "shape-email", "shape-mime-type", "shape-v", "shape-n",
             "shape-s", "shape-date")
NEVER_AGAINST = ("name-key-strong", "name-token-strong", "name-head-strong", "name-password", "key-rare", "token-rare", "secret-rare",
                 "auth-rare", "password-rare", "form-basic", "form-bearer", "form-userinfo")
# Known beforehand, and too rare in the labelled data to be learnt there: points from which the fit starts and from
# which it is pulled away by evidence alone.
PRIOR = {"placeholder-known": -40, "bearer-word": -40, "placeholder-form": -30, "shape-integrity": -30, "shape-public-key": -30, "shape-certificate": -30,
         "shape-mime-type": -20, "shape-email": -10, "shape-version": -10, "shape-date": -10, "shape-color": -20, "shape-code": -15,
         "shape-sentence": -10, "like-format": -15, "like-markup": -15, "like-template": -20, "like-keyword": -20, "shape-password-hash": -15,
         "name-head-public": -20, "name-lookalike": -20, "not-ascii": -5, "userinfo-same-as-user": -10, "unquoted-in-code": -15}
GROUPS = ("generic", "password", "structured", "identifier")


def read(path):
    with open(path, encoding="utf-8") as source:
        return [json.loads(line) for line in source]


class Data:
    def __init__(self, args):
        self.records = read(args.labels)
        self.lines = {}
        for record in self.records:
            for first, last, label, _, group in record["labels"]:
                for line in range(first, last + 1):
                    self.lines.setdefault((record["path"], line), set()).add((label, group))
        labelled = read(args.features)
        clean = [row for path in args.clean for row in read(path)]
        self.rows = labelled + clean
        self.count = len(labelled)
        listed = re.findall(r'^    \w+ = "([a-z0-9-]+)",$', (HERE / "feature.rs").read_text(encoding="utf-8"), re.M)
        self.names = [name for name in listed if name not in args.without]
        place = {name: at for at, name in enumerate(self.names)}
        self.x = np.zeros((len(self.rows), len(self.names)), dtype=np.float32)
        for at, row in enumerate(self.rows):
            for name in row["features"]:
                if name in place:
                    self.x[at, place[name]] = 1
        self.keys = [row.tobytes() for row in self.x]
        self.repo = np.array([row["path"].split("/")[0] if at < self.count else f"clean{zlib.crc32(row['path'].encode()) % 8}" for at, row in enumerate(self.rows)])
        self.y = np.zeros(len(self.rows), dtype=int)
        self.weight = np.ones(len(self.rows))
        same = Counter()
        for at, row in enumerate(self.rows):
            same[(self.repo[at], row["name"], row["value"])] += 1
        for at, row in enumerate(self.rows):
            labels = self.lines.get((row["path"], row["line"]), set()) if at < self.count else set()
            truths = [group for label, group in labels if label == "true"]
            self.y[at] = bool(truths)
            # What is repeated in one repository is one thing said many times.
            self.weight[at] = same[(self.repo[at], row["name"], row["value"])] ** -args.damp
            if truths and all(group == "identifier" for group in truths):
                self.weight[at] = 0
            if at >= self.count:
                self.weight[at] = args.clean_weight
        self.lines_of = defaultdict(list)
        for at in range(self.count):
            if self.y[at]:
                self.lines_of[(self.rows[at]["path"], self.rows[at]["line"])].append(at)


def fit(data, train, args):
    weight = data.weight.copy()
    model = None
    for _ in range(3):
        if model is not None:
            score = model.decision_function(data.x)
            for members in data.lines_of.values():
                best = max(members, key=lambda at: score[at])
                for at in members:
                    if at != best:
                        weight[at] = data.weight[at] if score[at] > score[best] - 0.7 else 0
        model = Model(data, train & (weight > 0), weight, args.c, model)
    return model


class Model:
    """Logistic regression with an L2 penalty and with bounds on the signs."""

    def __init__(self, data, rows, weight, c, start):
        # Equal rows are one row with their weights added.
        equal = {}
        for at in np.flatnonzero(rows):
            key = (data.keys[at], data.y[at])
            if key not in equal:
                equal[key] = [at, 0.0]
            equal[key][1] += weight[at]
        first = np.array([at for at, _ in equal.values()])
        x, y, w = data.x[first].astype(np.float64), data.y[first] * 2.0 - 1, np.array([total for _, total in equal.values()])

        prior = np.array([PRIOR.get(name, 0) * STEP / 10 for name in data.names])

        def loss(theta):
            margin = y * (x @ theta[:-1] + theta[-1])
            slope = -y * w * c / (1 + np.exp(np.clip(margin, -40, 40)))
            value = c * (w * np.logaddexp(0, -margin)).sum() + ((theta[:-1] - prior) ** 2).sum() / 2
            return value, np.append(slope @ x + theta[:-1] - prior, slope.sum())

        bounds = [(0 if name.startswith(NEVER_AGAINST) else None, 0 if name.startswith(NEVER_FOR) else None) for name in data.names]
        theta = np.append(prior, 0) if start is None else start.theta
        self.theta = minimize(loss, theta, jac=True, bounds=[*bounds, (None, None)], method="L-BFGS-B", options={"maxiter": 200}).x

    def decision_function(self, x):
        return x @ self.theta[:-1] + self.theta[-1]


def rounded(model):
    return np.round(model.theta[:-1] / STEP * 10), model.theta[-1] / STEP * 10


def evaluate(data, points, blocking):
    """As score.py counts, with findings of at least 40 points, or 70."""
    least = 70 if blocking else 40
    hits = defaultdict(set)
    for at in range(data.count):
        if points[at] >= least:
            hits[data.rows[at]["path"]].add((data.rows[at]["line"], data.rows[at]["rule"]))
    found = defaultdict(list)
    for at in range(data.count):
        if points[at] >= least:
            found[data.rows[at]["path"]].append(data.rows[at]["line"])
    table = defaultdict(Counter)
    for record in data.records:
        mine, labelled = found.get(record["path"], []), set()
        for first, last, label, _, group in record["labels"]:
            labelled.update(range(first, last + 1))
            hit = any(first <= line <= last for line in mine)
            if label == "true":
                table[group]["TP" if hit else "FN"] += 1
            elif hit:
                table[group]["FP" if label == "false" else "TMP"] += 1
        for line in mine:
            if line not in labelled:
                table["unlabelled"]["UNL"] += 1
    return table


def show(title, data, points):
    print(title)
    for blocking in (False, True):
        table = evaluate(data, points, blocking)
        total = Counter()
        for counts in table.values():
            total.update(counts)
        for group in (*GROUPS[:2], "TOTAL"):
            counts = total if group == "TOTAL" else table[group]
            tp, fn, wrong = counts["TP"], counts["FN"], counts["FP"] + counts["TMP"] + counts["UNL"]
            p, r = 100 * tp / max(1, tp + wrong), 100 * tp / max(1, tp + fn)
            f1 = 2 * p * r / (p + r) if p + r else 0
            print(f"  {'block' if blocking else 'all':6}{group:10} TP {tp:5} FN {fn:5} FP {counts['FP']:4} TMP {counts['TMP']:4} UNL {counts['UNL']:4}  P {p:5.1f}  R {r:5.1f}  F1 {f1:5.1f}")
    clean = points[data.count :]
    print(f"  clean code: {(clean >= 70).sum()} block, {((clean >= 40) & (clean < 70)).sum()} warn")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--labels", required=True)
    ap.add_argument("--features", required=True)
    ap.add_argument("--clean", action="append", default=[])
    ap.add_argument("--clean-weight", type=float, default=1.0)
    ap.add_argument("--damp", type=float, default=0.5)
    ap.add_argument("-c", type=float, default=0.6)
    ap.add_argument("--folds", type=int, default=8)
    ap.add_argument("--without", action="append", default=[])
    ap.add_argument("--write", action="store_true")
    ap.add_argument("--dump", help="write the cross-validated points of each candidate here")
    args = ap.parse_args()
    data = Data(args)
    repos = sorted(set(data.repo))
    random.Random(7).shuffle(repos)
    points = np.zeros(len(data.rows))
    for fold in range(args.folds):
        test = np.isin(data.repo, repos[fold :: args.folds])
        weights, base = rounded(fit(data, ~test, args))
        points[test] = data.x[test] @ weights + round(base + 50)
    show("cross-validated by repository", data, points)
    if args.dump:
        with open(args.dump, "w", encoding="utf-8") as out:
            for at, row in enumerate(data.rows):
                labels = sorted(label for label, _ in data.lines.get((row["path"], row["line"]), set())) if at < data.count else ["clean"]
                out.write(json.dumps({"points": int(points[at]), "labels": labels, **row}) + "\n")
    model = fit(data, np.ones(len(data.rows), dtype=bool), args)
    weights, base = rounded(model)
    show("in sample", data, data.x @ weights + round(base + 50))
    if args.write:
        count = data.x.sum(axis=0)
        true = data.x[data.y == 1].sum(axis=0)
        order = sorted(range(len(data.names)), key=lambda at: -weights[at])
        with open(HERE / "weights.txt", "w", encoding="utf-8") as out:
            out.write("# Points of the score by feature: fitted by fit.py, not edited by hand. Ten points double the odds; at 50 they are even.\n")
            out.write(f"base\t{round(base + 50)}\n")
            for at in order:
                if weights[at]:
                    out.write(f"{data.names[at]}\t{int(weights[at])}\n")


main()
