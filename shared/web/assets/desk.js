// Single keys on the screening desk; everything they do can be reached without them. They rest while text is typed and
// can be switched off; the switch is remembered in this browser.
"use strict";

const SWITCH = "desk-keys";

function typing(target) {
  return target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]") !== null;
}

function goTo(element) {
  if (!element) return;
  element.closest("details")?.setAttribute("open", "");
  const target = element.matches("a, button, input, select, textarea, summary, tr") ? element : element.querySelector("a, button, input, select, textarea, summary") ?? element;
  if (target.tabIndex < 0) target.tabIndex = -1;
  target.focus();
  target.scrollIntoView({ block: "center" });
}

function rowKeys(table) {
  const rows = [...table.tBodies[0].querySelectorAll("tr[data-href]")];
  const at = () => rows.indexOf(document.activeElement?.closest("tr[data-href]"));
  return {
    j: () => goTo(rows[Math.min(at() + 1, rows.length - 1)]),
    k: () => goTo(rows[Math.max(at() - 1, 0)]),
    x: () => rows[at()]?.querySelector("input[type=checkbox]")?.click(),
    b: () => goTo(document.querySelector(".bulk-acts")),
    "/": () => goTo(document.querySelector("[data-key-search]")),
  };
}

function caseKeys(desk) {
  const keys = {
    f: () => goTo(document.getElementById("form")),
    e: () => goTo(document.getElementById("evidence")),
    d: () => goTo(document.getElementById("decide")),
    u: () => window.location.assign(desk.dataset.back),
  };
  desk.querySelectorAll("#checklist button").forEach((button, index) => {
    if (index < 9) keys[String(index + 1)] = () => button.click();
  });
  return keys;
}

document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table[data-keys]");
  const desk = document.querySelector("[data-desk]");
  const keys = { ...(table ? rowKeys(table) : {}), ...(desk ? caseKeys(desk) : {}) };
  const box = document.querySelector("[data-key-switch]");
  if (box) {
    box.checked = window.localStorage.getItem(SWITCH) !== "off";
    box.addEventListener("change", () => window.localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target)) return;
    if (!(event.key in keys) || (box && !box.checked)) return;
    event.preventDefault();
    keys[event.key]();
  });
});
