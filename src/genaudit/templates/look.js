/* A closer look at a generation: every id of a table leads to it. */

const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
const place = document.getElementById("looks");
let looks = null;
const address = (id) => `#id=${encodeURIComponent(id)}`;
const link = (id) => make("a", { href: address(id), class: "code" }, id);

// Before the tables are cut into pages, so that every row has its links.
for (const cell of place ? document.querySelectorAll("td.id") : []) {
  const inner = cell.querySelector(".clamp") ?? cell;
  const id = inner.textContent.trim();
  if (id) inner.replaceChildren(link(id));
}

// The stage of an ancestor is not the one above if a link names a wrong one.
const stageOf = (name, otherwise) => {
  const known = Object.hasOwn(looks.ids, name) ? looks.ids[name] : [];
  return known.length === 1 ? looks.stages[known[0][0]] : otherwise;
};

const lineage = (id, [stage, , , above, children, own, below, , absent]) => {
  const stages = looks.stages;
  const node = (name, other) => make("span", { class: "node" }, `${other} `, link(name));
  const here = make("span", { class: "node here", "aria-current": "true" }, `${stages[stage]} `, make("strong", { class: "code" }, id));
  const up = above.map((name, index) => node(name, stageOf(name, stages[stage - 1 - index] ?? "ancestor"))).reverse();
  if (absent) up.unshift(make("span", { class: "node" }, make("span", { class: "code" }, absent), " is not in the store"));
  const last = make("li", {}, here);
  if (children.length) {
    const items = children.map((name) => make("li", {}, node(name, stages[stage + 1] ?? "child")));
    if (own > children.length) items.push(make("li", {}, `${(own - children.length).toLocaleString("en")} more`));
    last.append(make("ul", { class: "branch" }, ...items));
  }
  const tree = up.reduceRight((inner, line) => make("ul", { class: "branch" }, make("li", {}, line, inner)), make("ul", { class: "branch" }, last));
  const counted = make("p", { class: "note" }, `${above.length} above it, ${below.toLocaleString("en")} below.`);
  return [make("h3", {}, "Lineage"), tree, counted];
};

// Pages without a table of codes name a code without a link.
const named = (code) => {
  const row = `code-${code}`;
  return document.getElementById(row) ? make("a", { href: `#${row}` }, code) : make("code", {}, code);
};
const details = (id, entry) => {
  const [stage, kind, moved, , , , , codes] = entry;
  const list = make("dl", {});
  const say = (term, ...texts) => list.append(make("dt", {}, term), make("dd", {}, ...texts));
  say("Stage", looks.stages[stage]);
  if (kind >= 0) say("Class of the id", looks.classes[kind]);
  if (moved) say("Id after a migration", make("code", {}, moved));
  const findings = codes.flatMap((code, index) => [index ? ", " : "", named(code)]);
  say("Findings", ...(codes.length ? findings : ["none"]));
  return [list, ...lineage(id, entry)];
};

const dialog = make("dialog", { class: "look", "aria-labelledby": "look-title" });
document.body.append(dialog);
const show = () => {
  const asked = location.hash.startsWith("#id=") ? decodeURIComponent(location.hash.slice(4)) : null;
  if (!place || asked === null) {
    if (dialog.open) dialog.close();
    return;
  }
  looks ??= JSON.parse(place.textContent);
  const close = make("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", () => dialog.close());
  const entries = Object.hasOwn(looks.ids, asked) ? looks.ids[asked] : [];
  const command = make("p", {}, "All that is known, with its texts: ", make("code", {}, `${looks.command} ${asked}`));
  dialog.replaceChildren(
    make("div", { class: "top" }, make("h2", { id: "look-title", class: "code" }, asked), close),
    ...(entries.length ? entries.flatMap((entry) => details(asked, entry)) : [make("p", {}, "This page has no more about this id.")]),
    // Other names would need quotes, which shells disagree about.
    ...(/^[\w.-]+$/.test(asked) ? [command] : []),
  );
  if (!dialog.open) dialog.showModal();
  close.focus();
};
dialog.addEventListener("close", () => {
  if (location.hash.startsWith("#id=")) history.replaceState(null, "", location.pathname + location.search);
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
addEventListener("hashchange", show);
show();
