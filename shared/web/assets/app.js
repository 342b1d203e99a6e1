// Comfort only: every page works without this file. Sorting and filtering of figures tables, rows that open with
// Enter, error summaries that take the focus, and a refused form that comes back as it was typed. Nothing is fetched;
// what was typed is kept in this window alone, and no longer than until the form goes through or is left.
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

const TYPED = "fangbang.typed";
const OWN_KEEPING = "[data-draft], [data-sheet], [data-upload], [data-resume]";

function keepTyped(form) {
  if (form.method !== "post" || form.matches(OWN_KEEPING)) return;
  const secret = new Set([...form.querySelectorAll("input[type=hidden], input[type=password]")].map((one) => one.name));
  const typed = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !secret.has(name));
  const kept = { page: location.pathname + location.search, action: form.getAttribute("action"), typed, refused: false };
  sessionStorage.setItem(TYPED, JSON.stringify(kept));
}

function typeAgain(form, typed) {
  for (const input of form.elements) {
    const values = typed.filter(([name]) => name === input.name).map(([, value]) => value);
    if (input.type === "checkbox" || input.type === "radio") input.checked = values.includes(input.value);
    else if (values.length && !["hidden", "password", "file", "submit"].includes(input.type)) input.value = values[0];
  }
  for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  form.querySelectorAll("details").forEach((box) => { box.open = true; });
  form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
}

// The page of a refusal notes it; proving oneself on the way back (/account/…) does not lose what was typed.
function bringBackTyped() {
  const kept = JSON.parse(sessionStorage.getItem(TYPED) ?? "null");
  if (!kept) return;
  if (document.querySelector("[data-refused]")) {
    sessionStorage.setItem(TYPED, JSON.stringify({ ...kept, refused: true }));
    return;
  }
  if (kept.refused && location.pathname.startsWith("/account/") && !kept.page.startsWith("/account/")) return;
  sessionStorage.removeItem(TYPED);
  if (!kept.refused || kept.page !== location.pathname + location.search) return;
  const form = [...document.forms].find((one) => one.getAttribute("action") === kept.action);
  if (form) typeAgain(form, kept.typed);
}

function enhance(root) {
  root.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  root.querySelectorAll("input[data-filters]").forEach(makeFilterable);
  root.querySelectorAll("tr[data-href]").forEach(openWithEnter);
}

document.addEventListener("DOMContentLoaded", () => {
  enhance(document);
  bringBackTyped();
  document.querySelector(".site-nav a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.querySelector(".error-summary")?.focus();
});
document.addEventListener("submit", (event) => keepTyped(event.target));
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) enhance(event.detail.elt);
});
