#!/usr/bin/env python3
"""Fits weights.txt: points for each observation that `examples/features.rs` prints, and for some pairs of them.

  cargo run --release --example features -- LABELLED_TREE > labelled.features
  cargo run --release --example features -- CLEAN_CODE    > clean.features
  tightlip scan --no-config --format jsonl LABELLED_TREE  > findings.jsonl
  fit.py --labels labelled.jsonl --features labelled.features --clean clean.features --findings findings.jsonl [--write]

Needs numpy and scipy; `--compare` needs scikit-learn and lightgbm as well, and fits other models to the same folds.
Repositories (the first part of a path) are the folds: no line is judged by weights that saw its repository. Of the
candidates on a true line only the likeliest counts as true, so three rounds are made. Ten points are STEP of log-odds,
50 points are even odds. The findings of rules with a pattern are counted as they are: they are not fitted.
"""
import argparse, json, random, re, zlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

HERE = Path(__file__).resolve().parent
STEP = 0.66
REPORT, BLOCK = 40, 70
GROUPS = ("structured", "generic", "password")
# The rules that a finding of the model goes by.
MODEL = ("basic-auth-header", "bearer-token", "command-line-password", "url-password", "generic-api-key", "generic-nonce-or-salt",
         "generic-password", "generic-secret", "generic-token")
# What is never to speak for a secret, whatever the data say: a table that gives points for a test path or for a
# placeholder would be believed by nobody, and is an artefact of what was labelled.
NEVER_FOR = ("joined-string", "path-recording", "bearer-word", "path-test", "path-docs", "path-locale", "name-head-test", "name-head-public", "name-head-cipher", "name-tail-cipher", "cipher-digest", "marked-placeholder", "name-tail-benign", "name-lookalike",
             "has-example", "has-possessive", "comment", "line-example", "placeholder", "like-", "unquoted-before-", "few-distinct",
             "runs", "digits-only", "escapes", "userinfo-same", "words-all", "words-most", "one-word", "has-stem", "is-stem",
             "is-name", "like-member", "wrapped-by-itself", "escaped-bytes", "has-name", "elided", "upper-only", "test-wordy", "password-test", "password-one-word", "password-has-stem", "password-words", "local-host",
             "basic-refuted", "wrapped-lookup", "length-3-5", "not-ascii", "line-speaks", "line-asserts", "line-of-page", "short-and-random-below",
             "long-and-random-below", "userinfo-wordy", "token-wordy", "key-wordy", "secret-wordy", "auth-wordy",
             "token-of-digits", "key-of-letters", "name-keyring", "key-fingerprint", "nonce-of-page", "name-of-form-token", "quoted-bytes",
             "shape-p", "shape-i", "shape-c", "shape-h", "shape-url", "shape-uuid", "shape-email", "shape-mime-type", "shape-v", "shape-n",
             "shape-s", "shape-date")
NEVER_AGAINST = ("name-key-strong", "name-token-strong", "name-head-strong", "name-password", "key-rare", "token-rare", "secret-rare",
                 "auth-rare", "password-rare", "form-basic", "form-bearer", "form-userinfo")
# Known beforehand, and too rare in the labelled data to be learnt there: points from which the fit starts and from
# which it is pulled away by evidence alone.
PRIOR = {"placeholder-known": -40, "bearer-word": -40, "placeholder-form": -30, "shape-integrity": -30, "shape-public-key": -50, "shape-certificate": -30,
         "shape-mime-type": -20, "shape-email": -10, "shape-version": -10, "shape-date": -10, "shape-color": -20, "shape-code": -15,
         "shape-sentence": -10, "like-format": -15, "like-markup": -15, "like-template": -20, "like-keyword": -20, "shape-password-hash": -25,
         "name-head-public": -45, "name-lookalike": -20, "name-tail-benign": -25, "not-ascii": -5, "userinfo-same-as-user": -10,
         "unquoted-in-code": -15, "form-default": 8, "form-record": 15, "key-fingerprint": -40, "nonce-of-page": -30, "elided": -30, "has-name": -20, "name-of-form-token": -10,
         "cipher-digest": -30, "wrapped-by-itself": -40, "wrapped-lookup": -25, "like-member": -30, "like-key-id": -40, "like-joined-words": -10, "digits-only": -10}
# Pairs to be tried: what is worth it becomes an observation of its own, with a name.
PAIRS = ()


def read(path):
    with open(path, encoding="utf-8") as source:
        for line in source:
            yield json.loads(line)


class Data:
    """Labelled candidates, and below them those of clean code, of which equal ones are one row."""

    def __init__(self, args):
        self.records = list(read(args.labels))
        listed = re.findall(r'^    \w+ = "([a-z0-9-]+)",$', (HERE / "feature.rs").read_text(encoding="utf-8"), re.M)
        self.names = [name for name in listed if name not in args.without]
        self.pairs = [pair for pair in PAIRS if " & ".join(pair) not in args.without]
        self.rows = [row for path in args.features for row in read(path)]
        self.count = len(self.rows)
        self.repo = [row["path"].split("/")[0] for row in self.rows]
        self.times = [1.0] * self.count
        clean = {}
        for path in args.clean:
            for row in read(path):
                # Tests and documents of clean code hold values that would be labelled true.
                if {"path-test", "path-docs"} & set(row["features"]):
                    continue
                package = "/".join(row["path"].split("/")[:2])
                key = (zlib.crc32(package.encode()) % 16, row["most"], *row["features"])
                clean.setdefault(key, {}).setdefault((package, row["name"], row["value"]), row)
        for key, members in clean.items():
            self.rows.append(next(iter(members.values())))
            self.repo.append(f"clean{key[0]}")
            self.times.append(float(len(members)))
        self.repo, self.times = np.array(self.repo), np.array(self.times)
        self.most = np.array([row["most"] or 1000 for row in self.rows])
        self.x = self.matrix()
        self.label(args)

    def matrix(self):
        place = {name: at for at, name in enumerate(self.names)}
        columns = [sorted(place[name] for name in row["features"] if name in place) for row in self.rows]
        ends = np.cumsum([0] + [len(row) for row in columns])
        x = csr_matrix((np.ones(ends[-1]), np.concatenate(columns), ends), shape=(len(self.rows), len(self.names)))
        columns = [x[:, place[one]].multiply(x[:, place[other]]) for one, other in self.pairs if one in place and other in place]
        return hstack([x, *columns], format="csr") if columns else x

    def label(self, args):
        lines = defaultdict(set)
        for record in self.records:
            for first, last, label, _, group in record["labels"]:
                for line in range(first, last + 1):
                    lines[(record["path"], line)].add((label, group))
        # What is repeated in one repository is one thing said many times.
        same = Counter((self.repo[at], row["name"], row["value"]) for at, row in enumerate(self.rows[: self.count]))
        self.y = np.zeros(len(self.rows), dtype=int)
        self.weight = self.times * args.clean_weight
        self.lines_of = defaultdict(list)
        for at, row in enumerate(self.rows[: self.count]):
            truths = [group for label, group in lines[(row["path"], row["line"])] if label == "true"]
            self.y[at] = bool(truths)
            self.weight[at] = same[(self.repo[at], row["name"], row["value"])] ** -args.damp
            if truths and all(group == "identifier" for group in truths):
                self.weight[at] = 0
            if truths:
                self.lines_of[(row["path"], row["line"])].append(at)

    def title(self):
        return self.names + [" & ".join(pair) for pair in self.pairs]


def rounds(data, train, fit_once):
    """Fits three times: after the first, of the candidates on a true line those that are not the likeliest are left out."""
    weight, model, score = data.weight.copy(), None, None
    for _ in range(3):
        if score is not None:
            for members in data.lines_of.values():
                best = max(members, key=lambda at: score[at])
                for at in members:
                    if at != best:
                        weight[at] = data.weight[at] if score[at] > score[best] - 0.7 else 0
        rows = np.flatnonzero(train & (weight > 0))
        model = fit_once(data.x[rows], data.y[rows], weight[rows], model)
        score = model.decision_function(data.x)
    return model


class Additive:
    """Logistic regression with an L2 penalty and with bounds on the signs."""

    def __init__(self, names, args):
        self.c = args.c
        # Points are stretched and moved so that those at `likely` count REPORT, those at `sure` BLOCK.
        self.scale, self.likely = (BLOCK - REPORT) / (args.sure - args.likely), args.likely
        self.prior = np.array([PRIOR.get(name, 0) * STEP / 10 for name in names])
        self.bounds = [(0 if name.startswith(NEVER_AGAINST) and " & " not in name else None,
                        0 if any(part.startswith(NEVER_FOR) for part in name.split(" & ")) else None) for name in names] + [(None, None)]

    def fit(self, x, y, weight, start):
        sign = y * 2.0 - 1

        def loss(theta):
            margin = sign * (x @ theta[:-1] + theta[-1])
            slope = -sign * weight * self.c / (1 + np.exp(np.clip(margin, -40, 40)))
            value = self.c * (weight * np.logaddexp(0, -margin)).sum() + ((theta[:-1] - self.prior) ** 2).sum() / 2
            return value, np.append(x.T @ slope + theta[:-1] - self.prior, slope.sum())

        theta = np.append(self.prior, 0) if start is None else start.theta
        self.theta = minimize(loss, theta, jac=True, bounds=self.bounds, method="L-BFGS-B", options={"maxiter": 200}).x
        return self

    def decision_function(self, x):
        return x @ self.theta[:-1] + self.theta[-1]

    def points(self, x):
        """As the program counts: whole points."""
        weights, base = self.table()
        return x @ weights + base

    def table(self):
        base = self.theta[-1] / STEP * 10 + 50
        return np.round(self.theta[:-1] / STEP * 10 * self.scale), round(REPORT + (base - self.likely) * self.scale)


class Other:
    """A model of scikit-learn's kind, in points."""

    def __init__(self, make):
        self.model = make

    def fit(self, x, y, weight, _start):
        self.model.fit(x, y, sample_weight=weight)
        return self

    def decision_function(self, x):
        odds = np.clip(self.model.predict_proba(x)[:, 1], 1e-7, 1 - 1e-7)
        return np.log(odds / (1 - odds))

    def points(self, x):
        return 50 + self.decision_function(x) / STEP * 10


def fit(data, train, args, make=None):
    make = make or (lambda: Additive(data.title(), args))
    return rounds(data, train, lambda x, y, weight, start: make().fit(x, y, weight, start))


def cross_validated(data, args, make=None):
    repos = sorted(set(data.repo))
    random.Random(args.seed).shuffle(repos)
    points = np.zeros(len(data.rows))
    for fold in range(args.folds):
        test = np.isin(data.repo, repos[fold :: args.folds])
        points[test] = fit(data, ~test, args, make).points(data.x[test])
    return points


def most_beside(found):
    """What a candidate can count for on whose bytes a rule with a pattern has the finding: it raises that one's score,
    unless something speaks against the value, or the finding is too harmless to block."""
    if found["score"] >= BLOCK and found["decision"] != "block":
        return BLOCK - 1
    raised = any(reason["name"] == "also-found" for reason in found["reasons"])
    return found["score"] if not raised and any(reason["weight"] < 0 for reason in found["reasons"]) else 1000


class Labels:
    """What each label and each unlabelled line depends on: candidates of the model, and findings of rules."""

    def __init__(self, data, findings):
        by_rule, by_line = defaultdict(list), defaultdict(lambda: defaultdict(list))
        texts = {record["path"]: record["lines"] for record in data.records}
        owners = defaultdict(list)
        for found in (row for path in findings for row in read(path)):
            if "line" in found and found["rule"] not in MODEL:
                # What another rule added is counted with the candidates.
                added = sum(reason["weight"] for reason in found["reasons"] if reason["name"] == "also-found")
                score = found["score"] - added
                score = score if found["decision"] == "block" else min(score, BLOCK - 1)
                # Below the folder that was scanned.
                path = "/".join(found["path"].split("/")[1:])
                by_rule[path].append((found["line"], found.get("end_line", found["line"]), score))
                if found["line"] == found.get("end_line", found["line"]):
                    owners[path, found["line"]].append(found)
        for at in range(data.count):
            row = data.rows[at]
            start = texts.get(row["path"], {}).get(str(row["line"]), "").find(row["value"]) + 1
            for found in owners.get((row["path"], row["line"]), ()):
                if start and start < found["end_column"] and found["column"] < start + len(row["value"]):
                    data.most[at] = min(data.most[at], most_beside(found))
        for at in range(data.count):
            by_line[data.rows[at]["path"]][data.rows[at]["line"]].append(at)
        self.items = []
        for record in data.records:
            lines, rules, labelled = by_line[record["path"]], by_rule[record["path"]], set()
            for first, last, label, _, group in record["labels"]:
                labelled.update(range(first, last + 1))
                members = [at for line in lines if first <= line <= last for at in lines[line]]
                ruled = max((score for start, end, score in rules if start <= last and end >= first), default=-1)
                self.items.append((label, group, np.array(members, dtype=int), ruled, (record["path"], first)))
            for line, members in lines.items():
                if line not in labelled:
                    self.items.extend(("unlabelled", "unlabelled", np.array([at]), -1, (record["path"], line)) for at in members)
            for start, end, score in rules:
                if not labelled & set(range(start, end + 1)):
                    self.items.append(("unlabelled", "unlabelled", np.array([], dtype=int), score, (record["path"], start)))

    def scores(self, data, points):
        points = np.minimum(points, data.most)
        return [max(points[members].max(initial=-1), ruled) for _, _, members, ruled, _ in self.items]

    def counts(self, scores, least):
        """As score.py counts."""
        kinds = {"false": "FP", "template": "TMP", "unlabelled": "UNL"}
        table = defaultdict(Counter)
        for (label, group, *_), score in zip(self.items, scores):
            if label == "true":
                table[group]["TP" if score >= least else "FN"] += 1
            elif score >= least:
                table[group][kinds[label]] += 1
        for group in (*GROUPS, "unlabelled"):
            table["all"].update(table[group])
        return table


def rates(counts):
    true, wrong = counts["TP"], counts["FP"] + counts["TMP"] + counts["UNL"]
    precision, recall = 100 * true / max(1, true + wrong), 100 * true / max(1, true + counts["FN"])
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def show(title, data, labels, points):
    print(title)
    scores = labels.scores(data, points)
    for word, least in (("reported", REPORT), ("blocks", BLOCK)):
        table = labels.counts(scores, least)
        for group in (*GROUPS, "all"):
            counts = table[group]
            precision, recall, f1 = rates(counts)
            print(f"  {word:9}{group:11}" + "".join(f" {kind} {counts[kind]:4}" for kind in ("TP", "FN", "FP", "TMP", "UNL")) + f"  P {precision:5.1f}  R {recall:5.1f}  F1 {f1:5.1f}")
    clean, times = np.minimum(points, data.most)[data.count :], data.times[data.count :]
    print(f"  clean code: {times[clean >= BLOCK].sum():.0f} block, {times[(clean >= REPORT) & (clean < BLOCK)].sum():.0f} warn")
    print(f"  identifiers: {labels.counts(scores, BLOCK)['identifier']['TP']} block, {labels.counts(scores, REPORT)['identifier']['TP']} reported")


def curve(data, labels, points):
    """Precision and recall by threshold: what `likely` and `sure` are chosen by."""
    scores = labels.scores(data, points)
    for least in range(24, 101, 4):
        table = labels.counts(scores, least)
        print(f"  from {least:3}" + "".join(f"  {group} {rates(table[group])[0]:.1f} / {rates(table[group])[1]:.1f} F1 {rates(table[group])[2]:.1f}" for group in (*GROUPS, "all")))


def line(title, data, labels, points):
    """One row of the comparison: F1 at the best threshold, so that no model gains by its calibration, and what blocks at 95."""
    scores = labels.scores(data, points)
    tables = {least: labels.counts(scores, least) for least in range(20, 121, 2)}
    best = [max(rates(table[group])[2] for table in tables.values()) for group in GROUPS[1:]]
    own = lambda table: table["generic"] + table["password"] + table["unlabelled"]
    sure = {share: max((rates(own(table))[1] for table in tables.values() if rates(own(table))[0] >= share), default=0) for share in (93, 95, 96)}
    blocks = rates(own(labels.counts(scores, BLOCK)))
    clean, times = np.minimum(points, data.most)[data.count :], data.times[data.count :]
    print(f"| {title} | {best[0]:.1f} | {best[1]:.1f} | " + " | ".join(f"{sure[share]:.0f}" for share in sure) + f" | {blocks[0]:.1f} / {blocks[1]:.1f} | {times[clean >= BLOCK].sum():.0f} |", flush=True)


def compare(data, labels, args):
    from lightgbm import LGBMClassifier
    from sklearn.linear_model import LogisticRegression

    def trees(count, depth):
        return lambda: Other(LGBMClassifier(n_estimators=count, max_depth=depth, num_leaves=2**depth, learning_rate=0.15, min_child_weight=2, reg_lambda=3, verbose=-1, n_jobs=1, deterministic=True, force_row_wise=True, random_state=1))

    print("| model | F1 generic | F1 password | recall at precision 93 | 95 | 96 | at 70 points, P / R | clean, blocks |")
    print("|---|---|---|---|---|---|---|---|")
    line("additive", data, labels, cross_validated(data, args))
    line("logistic, free signs, no prior", data, labels, cross_validated(data, args, lambda: Other(LogisticRegression(C=args.c, max_iter=400))))
    for count, depth in ((50, 1), (100, 1), (60, 2), (60, 3), (100, 3)):
        line(f"{count} trees of depth {depth}", data, labels, cross_validated(data, args, trees(count, depth)))


def write(data, model):
    weights, base = model.table()
    titles = data.title()
    order = sorted(range(len(titles)), key=lambda at: (-weights[at], titles[at]))
    with open(HERE / "weights.txt", "w", encoding="utf-8") as out:
        out.write("# Points of the score by feature: fitted by fit.py, not edited by hand. From 40 a finding is reported, from 70 it blocks.\n")
        out.write(f"base\t{base}\n")
        out.writelines(f"{titles[at]}\t{int(weights[at])}\n" for at in order if weights[at])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--labels", required=True)
    ap.add_argument("--features", action="append", required=True)
    ap.add_argument("--clean", action="append", default=[])
    ap.add_argument("--findings", action="append", default=[])
    ap.add_argument("--clean-weight", type=float, default=0.01)
    ap.add_argument("--damp", type=float, default=0.7)
    ap.add_argument("-c", type=float, default=1.0)
    ap.add_argument("--likely", type=float, default=44, help="points, before they are stretched, from which a finding is reported")
    ap.add_argument("--sure", type=float, default=65, help="and from which it blocks")
    ap.add_argument("--folds", type=int, default=8)
    ap.add_argument("--seed", type=int, default=7)
    ap.add_argument("--without", action="append", default=[])
    ap.add_argument("--compare", action="store_true")
    ap.add_argument("--write", action="store_true")
    ap.add_argument("--dump", help="write the cross-validated points of each candidate here")
    args = ap.parse_args()
    data = Data(args)
    labels = Labels(data, args.findings)
    if args.compare:
        return compare(data, labels, args)
    points = cross_validated(data, args)
    show("cross-validated by repository", data, labels, points)
    curve(data, labels, points)
    if args.dump:
        with open(args.dump, "w", encoding="utf-8") as out:
            for row, own, most in zip(data.rows, points, data.most):
                out.write(json.dumps({"points": int(min(own, most)), **row}) + "\n")
    model = fit(data, np.ones(len(data.rows), dtype=bool), args)
    show("in sample", data, labels, model.points(data.x))
    if args.write:
        write(data, model)


if __name__ == "__main__":
    main()
