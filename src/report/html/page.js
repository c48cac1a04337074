"use strict";
// Everything is shown as text: nothing of a finding ever becomes markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const texts = data.strings;
  const GRADES = ["critical", "high", "medium", "low", "info"];
  const DECISIONS = ["blocks", "warns", "allowed"];
  const STEP = 200;
  const DAY = 864e5;

  // The order of `Row` in mod.rs.
  const all = data.findings.map((row) => ({
    path: texts[row[0]], line: row[1], column: row[2], rule: texts[row[3]], severity: texts[row[4]], grade: row[5],
    score: row[6], decision: row[7], fingerprint: row[8], excerpt: row[9], why: texts[row[10]], commit: texts[row[11]],
    author: texts[row[12]], date: texts[row[13]], head: row[14],
  }));
  const rules = data.rules;

  const make = (name, kind, text) => {
    const element = document.createElement(name);
    if (kind) element.className = kind;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const number = (count) => count.toLocaleString("en");
  const at = (id) => document.getElementById(id);

  const age = (finding) => {
    if (!finding.date) return [0, "in no commit"];
    const days = data.now - Math.floor(Date.parse(finding.date) / DAY);
    const steps = [[7, "last 7 days"], [30, "last 30 days"], [90, "last 90 days"], [365, "last year"], [1095, "last 3 years"]];
    const step = steps.findIndex(([most]) => days <= most);
    return step < 0 ? [9, "older than 3 years"] : [step + 1, steps[step][1]];
  };
  // A key to sort groups by, and a name.
  const GROUPS = {
    rule: (it) => [0, it.rule],
    file: (it) => [0, it.path],
    author: (it) => [0, it.author || "in no commit"],
    age,
    severity: (it) => [it.grade, it.severity],
  };

  const haystack = new Map();
  const searched = (finding) => {
    let text = haystack.get(finding);
    if (text === undefined) {
      const rule = rules[finding.rule];
      text = [finding.path, finding.rule, rule && rule.finds, finding.author, finding.commit, finding.fingerprint,
        finding.excerpt.join("")].join("\n").toLowerCase();
      haystack.set(finding, text);
    }
    return text;
  };

  const chosen = () => {
    const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [grade, decision] = [at("severity").value, at("decision").value];
    return all.filter((finding) =>
      (grade === "" || finding.grade <= Number(grade)) &&
      (decision === "" || finding.decision === Number(decision)) &&
      words.every((word) => searched(finding).includes(word)));
  };

  const details = (finding) => {
    const list = make("dl");
    const row = (term, value) => {
      if (!value) return;
      list.append(make("dt", "", term));
      const cell = make("dd");
      cell.append(value);
      list.append(cell);
    };
    const rule = rules[finding.rule] || {};
    row("why", finding.why);
    row("risk", rule.gives);
    row("to do", rule.revoke);
    if (rule.docs) {
      const link = make("a", "", rule.docs);
      link.href = rule.docs;
      link.rel = "noopener noreferrer";
      row("see", link);
    }
    const head = finding.head === 1 ? ", still in HEAD" : finding.head === 0 ? ", no longer in HEAD" : "";
    row("commit", finding.commit && `${finding.commit} of ${finding.date} by ${finding.author}${head}`);
    row("rule", make("code", "", finding.rule));
    row("id", make("code", "", finding.fingerprint));
    return list;
  };

  const shown = (finding) => {
    const grade = GRADES[finding.grade];
    const box = make("details", finding.decision === 2 ? "finding allowed" : "finding");
    const summary = make("summary");
    const rule = rules[finding.rule];
    summary.append(
      make("span", `badge ${grade}`, finding.severity),
      make("span", "title", (rule && rule.finds) || finding.rule),
      make("span", "soft", `${DECISIONS[finding.decision]}, score ${finding.score}`),
      make("span", "place code", `${finding.path}:${finding.line}:${finding.column}`));
    if (finding.excerpt[1]) {
      const line = make("span", "line code");
      line.append(finding.excerpt[0], make("mark", "", finding.excerpt[1]), finding.excerpt[2]);
      summary.append(line);
    }
    box.append(summary);
    box.addEventListener("toggle", () => {
      if (box.open && box.children.length === 1) box.append(details(finding));
    });
    return box;
  };

  // A page of `items` at a time: a browser draws a few hundred at once, not a hundred thousand.
  const paged = (items, draw) => {
    const box = make("div");
    let next = 0;
    const button = make("button", "more");
    button.type = "button";
    const go = () => {
      button.remove();
      items.slice(next, next + STEP).forEach((item) => box.append(draw(item)));
      next += STEP;
      if (next < items.length) {
        button.textContent = `show more (${number(items.length - next)} left)`;
        box.append(button);
      }
    };
    button.addEventListener("click", go);
    go();
    return box;
  };

  const grouped = (findings, by) => {
    const groups = new Map();
    for (const finding of findings) {
      const [order, name] = GROUPS[by](finding);
      const group = groups.get(name) || { order, name, findings: [] };
      group.findings.push(finding);
      groups.set(name, group);
    }
    const sorted = [...groups.values()].sort((a, b) =>
      a.order - b.order || b.findings.length - a.findings.length || (a.name < b.name ? -1 : 1));
    return paged(sorted, (group) => {
      const box = make("details", "group");
      const summary = make("summary", "", `${group.name} `);
      summary.append(make("span", "soft", number(group.findings.length)));
      box.append(summary);
      const fill = () => {
        if (box.open && box.children.length === 1) box.append(paged(group.findings, shown));
      };
      box.addEventListener("toggle", fill);
      if (sorted.length <= 8) {
        box.open = true;
        fill();
      }
      return box;
    });
  };

  const SVG = "http://www.w3.org/2000/svg";
  const draw = (parent, name, attributes, text) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  };
  const picture = (width, height, label) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    return svg;
  };

  const bySeverity = (findings) => {
    const counts = GRADES.map((_, grade) => findings.filter((it) => it.grade === grade).length);
    const most = Math.max(1, ...counts);
    const svg = picture(300, 120, GRADES.map((grade, at) => `${grade}: ${counts[at]}`).join(", "));
    GRADES.forEach((grade, index) => {
      const y = index * 24;
      draw(svg, "text", { x: 52, y: y + 15, "text-anchor": "end" }, grade);
      draw(svg, "rect", { x: 60, y: y + 3, width: counts[index] / most * 180, height: 16, rx: 2, class: grade });
      draw(svg, "text", { x: 66 + counts[index] / most * 180, y: y + 15 }, number(counts[index]));
    });
    return svg;
  };

  const overTime = (findings) => {
    const MOST = 48;
    const dates = findings.map((it) => it.date).filter(Boolean).sort();
    if (dates.length === 0) return make("p", "soft", "None of them is in a commit that was read.");
    const months = (date) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
    const span = months(dates[dates.length - 1]) - months(dates[0]) + 1;
    const step = Math.ceil(span / MOST);
    const first = months(dates[0]);
    const bars = new Array(Math.ceil(span / step)).fill(0);
    dates.forEach((date) => { bars[Math.floor((months(date) - first) / step)] += 1; });
    const most = Math.max(...bars);
    const name = (month) => `${Math.floor(month / 12)}-${String(month % 12 + 1).padStart(2, "0")}`;
    const svg = picture(600, 120, `findings by the month of their commit, ${name(first)} to ${dates[dates.length - 1].slice(0, 7)}`);
    const width = 560 / bars.length;
    bars.forEach((count, index) => {
      const height = count / most * 80;
      const bar = draw(svg, "rect", { x: 20 + index * width, y: 96 - height, width: Math.max(1, Math.min(40, width - 2)), height, rx: 1 });
      const to = step > 1 ? ` to ${name(first + (index + 1) * step - 1)}` : "";
      draw(bar, "title", {}, `${name(first + index * step)}${to}: ${number(count)}`);
    });
    draw(svg, "text", { x: 20, y: 112 }, name(first));
    draw(svg, "text", { x: 580, y: 112, "text-anchor": "end" }, dates[dates.length - 1].slice(0, 7));
    draw(svg, "text", { x: 20, y: 11 }, `most in a bar: ${number(most)}`);
    return svg;
  };

  const show = () => {
    const findings = chosen();
    const by = at("group").value;
    at("count").textContent = findings.length === all.length
      ? `${number(all.length)} findings` : `${number(findings.length)} of ${number(all.length)} findings`;
    const list = findings.length === 0 ? make("p", "soft", "Nothing fits.")
      : by === "" ? paged(findings, shown) : grouped(findings, by);
    at("list").replaceChildren(list);
    at("severities").replaceChildren(bySeverity(findings));
    at("times").replaceChildren(overTime(findings));
  };
  let waiting = 0;
  at("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  for (const id of ["severity", "decision", "group"]) at(id).addEventListener("change", show);
  at("filter").addEventListener("submit", (event) => event.preventDefault());
  show();
})();
