// Comfort only: every page works without this file. Sorting and filtering of figures tables, rows that open with
// Enter, and error summaries that take the focus. No state is kept, nothing is fetched.
"use strict";

function cellKey(row, index) {
  const cell = row.cells[index];
  return cell.dataset.sort ?? cell.textContent.trim();
}

function compareKeys(a, b) {
  const [x, y] = [Number(a.replaceAll(",", "")), Number(b.replaceAll(",", ""))];
  const numeric = a !== "" && b !== "" && !Number.isNaN(x) && !Number.isNaN(y);
  return numeric ? x - y : a.localeCompare(b, "zh-CN");
}

function sortBy(table, index, ascending) {
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((a, b) => compareKeys(cellKey(a, index), cellKey(b, index)) * (ascending ? 1 : -1));
  body.append(...rows);
}

// The list's files come as the list is seen: the links carry order and filter.
function tellExports(table, values) {
  table.closest(".table-frame")?.querySelectorAll("a[data-export]").forEach((link) => {
    const query = new URLSearchParams(link.search);
    for (const [name, value] of Object.entries(values)) {
      if (value === "") query.delete(name);
      else query.set(name, value);
    }
    link.search = query.toString();
  });
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, index) => {
    if (!("sortable" in head.dataset)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sorter";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sortBy(table, index, ascending);
      tellExports(table, { by: String(index), falling: ascending ? "" : "yes" });
    });
  });
}

function makeFilterable(input) {
  const table = document.getElementById(input.dataset.filters);
  const count = document.getElementById(`${table.id}-count`);
  const rows = [...table.tBodies[0].rows];
  input.closest("[hidden]")?.removeAttribute("hidden");
  input.addEventListener("input", () => {
    const words = input.value.trim().toLowerCase().split(/\s+/);
    let left = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      left += row.hidden ? 0 : 1;
    }
    tellExports(table, { only: input.value.trim() });
    count.textContent = left === rows.length ? `共 ${rows.length} 行` : `${left} / ${rows.length} 行`;
  });
}

function openWithEnter(row) {
  row.tabIndex = 0;
  const open = () => window.location.assign(row.dataset.href);
  row.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === row) open();
  });
  row.addEventListener("click", (event) => {
    const selecting = window.getSelection()?.toString();
    if (!event.target.closest("a, button, input, label, summary") && !selecting) open();
  });
}

function enhance(root) {
  root.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  root.querySelectorAll("input[data-filters]").forEach(makeFilterable);
  root.querySelectorAll("tr[data-href]").forEach(openWithEnter);
}

document.addEventListener("DOMContentLoaded", () => {
  enhance(document);
  document.querySelector(".error-summary")?.focus();
});
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) enhance(event.detail.elt);
});
