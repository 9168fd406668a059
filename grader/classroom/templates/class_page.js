"use strict";
const table = document.getElementById("table");
const body = table.tBodies[0];
const search = document.getElementById("search");
const found = document.getElementById("found");
const texts = new Map(Array.from(body.rows, (row) => [row, row.textContent.toLowerCase()]));

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.v === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.v);
}

function sort(heading) {
  const up = heading.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", up ? "ascending" : "descending");
  const rows = Array.from(body.rows, (row) => [value(row, heading.cellIndex), row]);
  const order = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));
  rows.sort((a, b) => (up ? order(a[0], b[0]) : order(b[0], a[0])));
  body.append(...rows.map(([, row]) => row));
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const [row, text] of texts) {
    row.hidden = !words.every((word) => text.includes(word));
    shown += !row.hidden;
  }
  found.textContent = words.length ? `${shown} of ${texts.size}` : "";
}

function show() {
  const row = location.hash && document.getElementById(location.hash.slice(1));
  if (row && row.hidden) {
    search.value = "";
    filter();
    row.scrollIntoView();
  }
}

for (const heading of table.tHead.rows[0].cells) {
  heading.tabIndex = 0;
  heading.classList.add("sorts");
  heading.addEventListener("click", () => sort(heading));
  heading.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      sort(heading);
    }
  });
}
search.addEventListener("input", filter);
addEventListener("hashchange", show);
document.getElementById("tools").hidden = false;
