const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
const data = (id) => JSON.parse(document.getElementById(id).textContent);

/* Theme: colours are custom properties, in charts too, so that nothing is drawn again. */

const dark = matchMedia("(prefers-color-scheme: dark)");
const button = document.getElementById("theme");
const current = () => document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
const announce = () => {
  button.textContent = current() === "dark" ? "Light theme" : "Dark theme";
};
button.hidden = false;
button.addEventListener("click", () => {
  const chosen = current() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem("genaudit-theme", chosen);
  } catch {
    // The choice lasts as long as the page.
  }
  announce();
});
dark.addEventListener("change", announce);
announce();

/* Charts */

const sans = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif";
const mono = "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace";
const config = {
  background: null,
  font: sans,
  padding: { left: 2, right: 8, top: 6, bottom: 4 },
  view: { stroke: null },
  axis: {
    labelColor: "var(--muted)",
    titleColor: "var(--muted)",
    labelFontSize: 11.5,
    titleFontSize: 11.5,
    titleFontWeight: 400,
    titlePadding: 10,
    gridColor: "var(--line)",
    domainColor: "var(--line-strong)",
    tickColor: "var(--line-strong)",
    labelPadding: 5,
    labelSeparation: 8,
  },
  axisY: { labelColor: "var(--ink)", ticks: false },
  axisYQuantitative: { labelColor: "var(--muted)", domain: false },
  axisXQuantitative: { domain: false, ticks: false },
  axisBand: { grid: false, ticks: false },
  legend: { labelColor: "var(--ink)", labelFontSize: 11.5, symbolSize: 90, columnPadding: 16, offset: 12 },
  text: { color: "var(--ink)", fontSize: 11.5 },
  style: {
    expected: { color: "var(--ink)" },
    edge: { color: "var(--line-strong)", stroke: "var(--line-strong)" },
    id: { font: mono, fontSize: 10.5, color: "var(--ink)" },
  },
};
const options = {
  mode: "vega-lite",
  renderer: "svg",
  actions: false,
  // The interpreter does without eval, which the page's policy forbids.
  ast: true,
  defaultStyle: false,
  config,
  tooltip: { theme: "page", disableDefaultStyle: true },
};
const drawing = new Map();
const draw = (place) => {
  if (!drawing.has(place)) drawing.set(place, drawn(place));
  return drawing.get(place);
};
const drawn = async (place) => {
  if (!window.vegaEmbed) {
    place.textContent = "This chart cannot be drawn: the scripts that belong beside this page are missing.";
    return;
  }
  try {
    await window.vegaEmbed(place, data(place.dataset.chart), options);
  } catch (error) {
    place.textContent = `This chart could not be drawn: ${error.message}`;
    console.error(error);
  }
};
// A chart is drawn shortly before it comes into view, because all together delay the page by a second.
const charts = all("[data-chart]");
const firstDrawn = new Promise((done) => {
  const near = new IntersectionObserver(
    (entries) => {
      const coming = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
      for (const place of coming) near.unobserve(place);
      Promise.all(coming.map(draw)).then(done);
    },
    { rootMargin: "50% 0px" },
  );
  for (const place of charts) near.observe(place);
  if (!charts.length) done();
});
addEventListener("beforeprint", () => charts.forEach(draw));

/* Tables */

const words = {
  search: "Filter",
  searchPlaceholder: "any text",
  info: "Rows _START_ to _END_ of _TOTAL_",
  infoEmpty: "No rows",
  infoFiltered: "(out of _MAX_)",
  zeroRecords: "No row matches this filter.",
  zeroOnPage: "No row on this page matches this filter. The file has further rows.",
  emptyTable: "Nothing to list.",
  paginate: { previous: "Previous", next: "Next" },
};
const tables = [];

const choosers = (table) => {
  const row = make("div", { class: "choosers" });
  table.columns().every(function () {
    if (!this.header().hasAttribute("data-choose")) return;
    const title = this.header().textContent.trim();
    const values = new Set(this.nodes().toArray().map((cell) => cell.textContent.trim()));
    values.delete("");
    if (values.size < 2) return;
    const select = make("select", { "aria-label": `${title}: show` }, make("option", { value: "" }, `${title}: all`));
    for (const value of values) select.append(make("option", { value }, value));
    select.addEventListener("change", () => {
      this.search(select.value, { exact: Boolean(select.value) }).draw();
    });
    row.append(select);
  });
  return row;
};

const unfolding = (element) => {
  const remedies = data("remedies");
  const names = all("thead th", element).map((cell) => cell.textContent.trim());
  const isFindings = names.includes("Finding");
  element.tHead.rows[0].prepend(make("th", { class: "control", "data-orderable": "false" }, make("span", { class: "sr" }, "More")));
  for (const row of element.tBodies[0].rows) {
    const more = make("button", { type: "button", class: "more", "aria-expanded": "false" });
    more.setAttribute("aria-label", isFindings ? "What to do" : "Why");
    row.prepend(make("td", { class: "control" }, more));
  }
  return (table) => {
    element.tBodies[0].addEventListener("click", (event) => {
      const more = event.target.closest("button.more");
      if (!more) return;
      const row = table.row(more.closest("tr"));
      const shown = row.child.isShown();
      more.setAttribute("aria-expanded", String(!shown));
      if (shown) {
        row.child.hide();
        return;
      }
      const cells = [...row.node().cells].slice(1).map((cell) => cell.textContent.trim());
      const list = make("dl", {});
      const say = (term, text) => text && list.append(make("dt", {}, term), make("dd", {}, text));
      if (isFindings) {
        const remedy = remedies[cells[names.indexOf("Finding")]];
        say("What it means", remedy.title);
        say("What to do", remedy.fix);
      }
      // What the row itself shows in full is not said again.
      names.forEach((name, index) => index >= (isFindings ? 3 : 4) && say(name, cells[index]));
      row.child(list, "unfolded").show();
    });
  };
};

for (const element of window.DataTable ? all("table[data-sortable]") : []) {
  const label = element.caption.textContent.trim();
  const unfold = element.hasAttribute("data-expandable") ? unfolding(element) : null;
  const long = element.tBodies[0].rows.length > 15;
  const table = new DataTable(element, {
    order: [],
    autoWidth: false,
    paging: long && !element.hasAttribute("data-whole"),
    pageLength: 15,
    pagingType: "simple_numbers",
    language: element.hasAttribute("data-cut") ? { ...words, zeroRecords: words.zeroOnPage } : words,
    layout: {
      topStart: element.tBodies[0].rows.length > 5 ? "search" : null,
      topEnd: null,
      bottomStart: long ? "info" : null,
      bottomEnd: long ? "paging" : null,
    },
  });
  if (element.tBodies[0].rows.length > 5 || long) {
    table.table().container().querySelector(".dt-search")?.after(choosers(table));
  }
  table.table().container().querySelector(".dt-paging nav")?.setAttribute("aria-label", `Pages of ${label}`);
  const region = element.parentElement;
  region.classList.add("scroll");
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", label);
  region.tabIndex = 0;
  unfold?.(table);
  tables.push(table);
}

/* Of what scrolls: the edges beyond which there is more. */

const markEdges = (region) => {
  const hidden = region.scrollWidth - region.clientWidth;
  const edges = [region.scrollLeft > 1 && "left", region.scrollLeft < hidden - 1 && "right"].filter(Boolean);
  if (edges.length) region.dataset.more = edges.join(" ");
  else delete region.dataset.more;
};
const resized = new ResizeObserver((entries) => {
  for (const region of new Set(entries.map((entry) => entry.target.closest(".scroll, .wide")))) markEdges(region);
});
for (const region of all(".scroll, .wide")) {
  region.addEventListener("scroll", () => markEdges(region), { passive: true });
  for (const element of [region, ...region.children]) resized.observe(element);
}

/* Paper takes more rows than a screen. */

addEventListener("beforeprint", () => tables.forEach((table) => table.page.len(40).draw(false)));
addEventListener("afterprint", () => tables.forEach((table) => table.page.len(15).draw(false)));

/* Navigation: mark the section in view. */

const links = new Map(all("nav a[href^='#']").map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  },
  { rootMargin: "-15% 0px -75% 0px" },
);
all("main > section[id]").forEach((section) => seen.observe(section));

await firstDrawn;
document.documentElement.dataset.ready = "yes";
