"use strict";
{
  // Everything that comes from records reaches the page as a text node, never as markup.
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 50;
  const form = document.getElementById("filter");
  const [head, body] = document.querySelectorAll("#list thead, #list tbody");
  const more = document.getElementById("more");
  const detail = document.getElementById("rollout");
  let shown = PAGE;

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    for (const child of children.flat()) {
      if (child !== null && child !== undefined) node.append(child);  // append makes a text node of a string
    }
    return node;
  }

  function number(value, digits = 3) {
    if (value === null || value === undefined) return "–";
    return typeof value === "number" ? String(Number(value.toFixed(digits))) : String(value);
  }

  function table(columns, rows, textual = []) {
    const cell = (value, at) => el("td", textual.includes(at) ? { class: "text" } : {}, value instanceof Node ? value : number(value));
    return el("div", { class: "wide" }, el("table", {},
      el("thead", {}, el("tr", {}, columns.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell))))));
  }

  function titled(title, ...content) {
    return [el("h4", {}, title), ...content];
  }

  // The list of rollouts

  const value = (name) => (form.elements[name] ? form.elements[name].value : "");
  const runNumber = () => Number(value("run") || 0);

  function textOf(run, row) {
    if (!run.searchable) run.searchable = {};
    if (run.searchable[row] === undefined) {
      const text = run.rollouts[row];
      const prompt = run.prompts[run.group[row]] || "";
      run.searchable[row] = text ? (JSON.stringify(Object.values(text)) + prompt).toLowerCase() : "";
    }
    return run.searchable[row];
  }

  function matching(run) {
    const query = value("query").trim().toLowerCase();
    const scores = run.scores[value("component")];
    const low = value("from") === "" ? -Infinity : Number(value("from"));
    const high = value("to") === "" ? Infinity : Number(value("to"));
    const list = run.lists[value("list")] || run.ids.map((_, row) => row);
    const rows = list.filter((row) => {
      if (scores && (scores[row] === null || scores[row] < low || scores[row] > high)) return false;
      return !query || run.ids[row].toLowerCase().includes(query) || textOf(run, row).includes(query);
    });
    if (scores && !run.lists[value("list")]) rows.sort((a, b) => scores[a] - scores[b] || a - b);
    return rows;
  }

  function opener(runAt, row) {
    const name = data.runs[runAt].ids[row] || "(empty id)";
    return el("button", { type: "button", class: "link", "data-run": runAt, "data-row": row }, name);
  }

  function flagsOf(run, row) {
    const words = data.flags.filter((_, bit) => (run.flags[row] >> bit) & 1);
    if (run.gate[row] >= 0) words.unshift("gate " + run.gates[run.gate[row]]);
    return words.join(", ");
  }

  const count = (value) => value.toLocaleString("en");

  function show() {
    const at = runNumber(), run = data.runs[at], component = value("component");
    const rows = matching(run);
    const columns = ["line", "id", "reward"];
    if (component) columns.push(component);
    if (run.length) columns.push("characters");
    if (run.judge_s) columns.push("judge, s");
    columns.push("flags");
    head.replaceChildren(el("tr", {}, columns.map((name) => el("th", { scope: "col" }, name))));
    body.replaceChildren(...rows.slice(0, shown).map((row) => {
      const cells = [run.line[row], opener(at, row), run.reward[row]];
      if (component) cells.push(run.scores[component][row]);
      if (run.length) cells.push(run.length[row]);
      if (run.judge_s) cells.push(run.judge_s[row]);
      cells.push(flagsOf(run, row));
      return el("tr", {}, cells.map((cell) => el("td", {}, cell instanceof Node ? cell : number(cell))));
    }));
    const texts = Object.keys(run.rollouts).length;
    const held = texts < run.ids.length ? ` This file holds the texts of ${count(texts)}; a search looks in those and in all ids.` : "";
    const thinned = run.ids.length < run.total ? ` They stand for ${count(run.total)}, which are too many to list; the figures above are of all.` : "";
    document.getElementById("count").textContent = `${count(rows.length)} of ${count(run.ids.length)} rollouts.${thinned}${held}`;
    more.hidden = rows.length <= shown;
  }

  function fill(select, names, first) {
    select.replaceChildren(...first.map(([name, label]) => el("option", { value: name }, label)),
      ...names.map((name) => el("option", { value: name }, name)));
  }

  function choices() {
    const run = data.runs[runNumber()];
    fill(form.elements.list, Object.keys(run.lists), []);
    form.elements.list.append(el("option", { value: "" }, "all"));
    fill(form.elements.component, Object.keys(run.scores), [["", "any"]]);
    shown = PAGE;
    show();
  }

  // One rollout

  function marked(segments) {
    return segments.map(({ mark, text }) => (mark
      ? el("mark", { class: mark.kind, "data-number": mark.number || "" }, text) : text));
  }

  function legend(segments) {
    const whys = new Map(segments.filter(({ mark }) => mark).map(({ mark }) => [mark.number, mark]));
    if (!whys.size) return [];
    return [table(["mark", "kind", "why"], [...whys].map(([number_, mark]) => [number_, mark.kind, mark.why || ""]), [2])];
  }

  function shortForm(text) {
    const parts = [];
    if (text.reasons) parts.push(...titled("Unscored", table(["reason", "detail"], text.reasons, [1])));
    if (text.checks) parts.push(...titled("Checks", table(["check", "score", "finding"], text.checks, [2])));
    if (text.verdicts) {
      const rows = text.verdicts.map(([criterion, item, answer, worth, evidence, unsupported]) =>
        [criterion, item === null ? "answer" : item + 1, answer, worth, evidence + (unsupported ? " (stands in no document)" : "")]);
      parts.push(...titled("Verdicts", table(["criterion", "item", "answer", "worth", "evidence"], rows, [4])));
    }
    return parts;
  }

  function criteria(lines) {
    const rows = lines.flatMap((line) => (line.answers || []).map((answer) => {
      const votes = (answer.votes || []).map((vote) => `${vote.model}: ${vote.answer}`).join("; ");
      const evidence = [answer.evidence, answer.search && `(${answer.search})`, votes].filter(Boolean).join("\n");
      return [line.name, line.question || "", answer.item === undefined ? "answer" : answer.item + 1, answer.answer, answer.worth, evidence];
    }));
    return table(["criterion", "question", "about", "answer", "worth", "evidence"], rows, [1, 5]);
  }

  function comparison(runAt, group) {
    const run = data.runs[runAt];
    const rows = (group.siblings || []).map((sibling) => {
      const name = typeof sibling.id === "string" ? sibling.id : JSON.stringify(sibling.id);
      const row = run.ids.findIndex((id, at) => id === name && (sibling.line === undefined || run.line[at] === sibling.line));
      return [sibling.is_this || row < 0 ? `${name}${sibling.is_this ? " (this one)" : ""}` : opener(runAt, row),
        sibling.reward, sibling.difference || ""];
    });
    const parts = [table(["sibling", "reward", "first difference"], rows, [2])];
    if (group.advantage !== undefined) parts.unshift(el("p", {}, `Advantage ${number(group.advantage)}: the reward less the mean ${number(group.mean)}, over the deviation ${number(group.std)}.`));
    for (const note of [group.note, group.contributions_note]) if (note) parts.push(el("p", { class: "quiet" }, note));
    if (group.contributions) {
      const lines = group.contributions.map((part) => [part.name, part.value, part.group_mean, part.effect]);
      parts.push(...titled("What sets it apart from its group", table(["component", "here", "group's mean", "effect on the reward"], lines)));
    }
    return parts;
  }

  function explained(runAt, why) {
    const parts = [];
    if (why.steps) parts.push(...titled("How the reward adds up", table(["step", "calculation", "value"], why.steps.map((s) => [s.label, s.formula, s.value]), [1])));
    if (why.checks) parts.push(...titled("Checks", table(["check", "role", "state", "score", "finding"], why.checks.map((c) => [c.name, c.role, c.state, c.score, c.reason || ""]), [4])));
    if (why.rubric && why.rubric.steps) parts.push(...titled("Rubric", table(["step", "calculation", "value"], why.rubric.steps.map((s) => [s.label, s.formula, s.value]), [1])));
    if (why.criteria) parts.push(...titled("Criteria", criteria(why.criteria)));
    if (why.comparison) parts.push(...titled("Its group", ...comparison(runAt, why.comparison)));
    for (const note of why.notes || []) parts.push(el("p", { class: "quiet" }, note));
    return parts;
  }

  function siblings(runAt, row) {
    const run = data.runs[runAt];
    if (run.group[row] < 0) return [];
    const rows = [];
    run.group.forEach((group, at) => { if (group === run.group[row] && rows.length < PAGE) rows.push(at); });
    const lines = rows.map((at) => [at === row ? `${run.ids[at]} (this one)` : opener(runAt, at), run.reward[at], flagsOf(run, at)]);
    return titled("Its group", table(["sibling", "reward", "flags"], lines));
  }

  function scoresOf(run, row) {
    const rows = Object.entries(run.scores).filter(([, values]) => values[row] !== null).map(([name, values]) => [name, values[row]]);
    return rows.length ? titled("Metrics", table(["metric", "value"], rows)) : [];
  }

  function open(runAt, row) {
    const run = data.runs[runAt], text = run.rollouts[row], why = run.explained[row];
    const title = el("h3", { id: "rollout-title", tabindex: "-1" }, "Rollout ", run.ids[row] || "(empty id)");
    const facts = [`Reward ${number(run.reward[row])}`, `line ${number(run.line[row])}`, flagsOf(run, row)];
    const parts = [title, el("p", {}, facts.filter(Boolean).join(", ") + ".")];
    if (!text) {
      parts.push(el("p", { class: "quiet" }, "This file does not hold the texts of this rollout; it holds its figures."),
        ...scoresOf(run, row), ...siblings(runAt, row));
    } else {
      const prompt = text.prompt || run.prompts[run.group[row]];
      const segments = why && why.response && why.response.segments;
      if (why) parts.push(el("p", {}, el("strong", {}, why.why || "")));
      const response = titled("Response", el("div", { class: "answer" }, segments ? marked(segments) : text.response || "(no text)"));
      parts.push(...response, ...(segments ? legend(segments) : []), ...(why ? explained(runAt, why) : shortForm(text)));
      if (prompt) parts.push(...titled("Prompt", el("div", { class: "prompt" }, prompt)));
      if (text.reference) parts.push(...titled("Reference", el("div", { class: "prompt" }, text.reference)));
      if (!why) parts.push(...siblings(runAt, row));
    }
    detail.replaceChildren(...parts);
    detail.hidden = false;
    title.focus();
    title.scrollIntoView({ block: "start" });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-row]");
    if (button) open(Number(button.dataset.run), Number(button.dataset.row));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target.name === "run") choices();
    else { shown = PAGE; show(); }
  });
  more.addEventListener("click", () => { shown += PAGE; show(); });

  // Plots, one after the other, so that the first is there at once. The policy forbids code made from text, so
  // Vega's expressions are interpreted (ast), and its style sheets are part of the page's.
  async function plot() {
    const options = { mode: "vega-lite", renderer: "svg", ast: true, actions: false, defaultStyle: false,
      tooltip: { disableDefaultStyle: true } };
    for (const place of document.querySelectorAll("[data-plot]")) {
      try {
        await vegaEmbed(place, data.plots[Number(place.dataset.plot)], options);
      } catch (error) {
        place.append(el("p", { class: "error" }, `This plot can't be drawn: ${error.message}`));
      }
      if (!document.documentElement.dataset.firstPlotMs) document.documentElement.dataset.firstPlotMs = String(Math.round(performance.now()));
      await new Promise((resolve) => setTimeout(resolve));
    }
    document.documentElement.dataset.ready = "yes";
  }

  plot();
  choices();
}
