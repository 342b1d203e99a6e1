// A form that cannot be lost: saved on the server as it is typed, its state always said, merged with what other windows
// and people write. Without this file the form's button saves; what the server checks is the same.
//
// What is not saved yet also lies in this window's session storage, under the person's id: a lost session, a reload or
// a broken line keep it, closing the window forgets it. It is sent again with what the person saw when typing it.
"use strict";

const PAUSE = 1200; // after the last key
const LONGEST = 8000; // while somebody types without a pause
const RETRIES = [2000, 4000, 8000, 15000, 30000];
const LOOK = 60000; // for what others have written, while the window is seen; and whenever it comes into sight

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
// randomUUID is there on https only; an office may serve its own network without.
const freshKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const words = (tag, text, attributes = {}) => {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

class Draft {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.draft;
    this.version = Number(form.dataset.version);
    this.state = form.querySelector("[data-save-state]");
    this.stashKey = `draft:${this.url}:${form.dataset.person}`;
    const seen = JSON.parse(form.elements.namedItem("seen").value);
    // By field: what the server keeps, and what stood in the input when that was last known to be so.
    this.kept = new Map(Object.entries(seen).map(([name, typed]) => [name, { server: typed, local: this.typed(name) }]));
    this.clashed = new Map();
    this.failures = 0;
    this.saving = null;
    for (const [name, kept] of this.kept) if (!same(kept.server, this.typed(name))) kept.local = kept.server;
    this.takeStash();
    this.listen();
    for (const box of form.querySelectorAll("[data-clash]")) {
      const name = box.dataset.clash;
      const clash = { theirs: seen[name], shown: box.querySelector("b").textContent, who: "另一窗口", at: null };
      box.remove();
      this.showClash(name, clash);
    }
    if (this.changes().length > 0) this.later(0);
  }

  listen() {
    this.form.addEventListener("input", () => this.later(PAUSE));
    this.form.addEventListener("change", () => this.later(200));
    window.addEventListener("online", () => this.later(0));
    window.addEventListener("pagehide", () => this.flush());
    window.addEventListener("beforeunload", (event) => {
      if (this.failures > 0 && this.changes().length > 0) event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.flush();
      else this.look();
    });
    document.addEventListener("submit", (event) => this.beforeSending(event), true);
    document.addEventListener("click", (event) => this.beforeLeaving(event), true);
    setInterval(() => document.visibilityState === "visible" && this.look(), LOOK);
  }

  inputs(name) {
    const found = this.form.elements.namedItem(name);
    if (found === null) return [];
    return found instanceof RadioNodeList ? [...found] : [found];
  }

  typed(name) {
    const inputs = this.inputs(name);
    const texts = inputs.filter((one) => one.type !== "checkbox" || one.checked).map((one) => one.value.replaceAll("\r\n", "\n").trim());
    return texts.filter((text) => text !== "").sort();
  }

  write(name, typed) {
    for (const input of this.inputs(name)) {
      if (input.type === "checkbox") input.checked = typed.includes(input.value);
      else input.value = typed[0] ?? "";
    }
  }

  changes() {
    const found = [];
    for (const [field, kept] of this.kept) {
      const now = this.typed(field);
      if (!this.clashed.has(field) && !same(now, kept.local)) found.push({ field, was: kept.server, now });
    }
    return found;
  }

  say(text, state) {
    this.state.textContent = text;
    this.state.dataset.saveState = state;
  }

  // ---- when ---------------------------------------------------------------------------------------------------------

  later(pause) {
    this.stash();
    if (this.changes().length === 0) return;
    this.since ??= Date.now();
    const wait = Math.max(0, Math.min(pause, this.since + LONGEST - Date.now()));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
    if (this.failures === 0 && this.saving === null) this.say("正在填写，尚未保存", "typing");
  }

  async save() {
    clearTimeout(this.timer);
    if (this.saving !== null) await this.saving;
    const changes = this.changes();
    if (changes.length === 0) return true;
    this.saving = this.send(changes);
    const saved = await this.saving;
    this.saving = null;
    if (saved && this.changes().length > 0) this.later(PAUSE);
    return saved;
  }

  // ---- sending ------------------------------------------------------------------------------------------------------

  async send(changes) {
    if (this.failures === 0) this.say("正在保存…", "saving");
    this.since = undefined;
    const body = JSON.stringify({ changes, since: this.version });
    const key = same(body, this.lastBody) ? this.lastKey : freshKey();
    [this.lastBody, this.lastKey] = [body, key];
    const answer = await this.ask("PATCH", this.url, body, key);
    if (answer === null) return this.again();
    if (answer.status === 401) return this.signedOut();
    if (answer.status >= 500) return this.again();
    const told = await answer.json();
    if (!answer.ok) return this.refused(told);
    this.failures = 0;
    for (const { field, now } of changes) {
      if (!(field in told.clashes)) this.kept.set(field, { server: told.fields[field].typed, local: now });
    }
    this.take(told, changes);
    this.say(`已保存 ${told.saved_at}`, "saved");
    return true;
  }

  async ask(method, url, body, key) {
    const asked = () =>
      fetch(url, {
        method,
        body,
        headers: { "Content-Type": "application/json", Accept: "application/json", ...(key && { "Idempotency-Key": key }) },
        keepalive: body !== undefined && body.length < 60000,
      });
    try {
      const first = await asked();
      if (first.status !== 401) return first;
      // The token behind the page lives for minutes, the session for longer: renew the one by the other.
      await fetch("/account/renew?next=/healthz", { redirect: "manual" });
      return await asked();
    } catch {
      return null;
    }
  }

  again() {
    const pause = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
    this.failures += 1;
    this.say("未能保存，正在重试。请不要关闭此页", "failed");
    this.timer = setTimeout(() => this.save(), pause);
    return false;
  }

  signedOut() {
    this.failures += 1;
    this.say("登录已结束，填写的内容留在此窗口。", "failed");
    const here = window.location.pathname;
    this.state.append(words("a", "重新登录后自动保存", { href: `/account/sign-in?next=${encodeURIComponent(here)}` }));
    this.timer = setTimeout(() => this.save(), RETRIES.at(-1));
    return false;
  }

  refused(problem) {
    this.failures += 1;
    this.say(`未能保存：${problem.title}`, "failed");
    return false;
  }

  // Somebody may have signed in anew since the page was made: its other forms need the new session's mark.
  async renewForms() {
    const answer = await this.ask("GET", `${this.url}?since=${this.version}`);
    if (!answer?.ok) return;
    const { csrf } = await answer.json();
    document.querySelectorAll('input[name="csrf"]').forEach((input) => (input.value = csrf));
  }

  async look() {
    if (this.saving !== null || this.failures > 0) return;
    const answer = await this.ask("GET", `${this.url}?since=${this.version}`);
    if (answer?.ok && this.saving === null) this.take(await answer.json(), []);
  }

  // ---- what the server says -----------------------------------------------------------------------------------------

  take(told, sent) {
    const mine = new Set(sent.map((one) => one.field));
    for (const [name, field] of Object.entries(told.fields)) {
      const kept = this.kept.get(name);
      if (kept === undefined || mine.has(name) || name in told.clashes || this.clashed.has(name)) continue;
      if (!same(this.typed(name), kept.local)) continue; // typed here too: the next save finds the clash
      this.write(name, field.typed);
      this.kept.set(name, { server: field.typed, local: field.typed });
    }
    this.version = told.version;
    for (const [name, clash] of Object.entries(told.clashes)) this.showClash(name, clash);
    this.showErrors(told.wrong);
    this.showProgress(told.progress);
    this.showWarnings(told.warnings);
    this.stash();
  }

  box(name) {
    return this.inputs(name)[0]?.closest(".field");
  }

  label(name) {
    const box = this.box(name);
    const label = box?.querySelector("label, legend");
    return (label?.firstChild?.textContent ?? name).trim();
  }

  showClash(name, clash) {
    this.clashed.get(name)?.remove();
    const at = clash.at ? new Date(clash.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" }) : "";
    const box = words("div", "", { class: "clash", role: "group", "data-clash": name, "aria-label": `${this.label(name)}有两个填法` });
    const sentence = words("p", `${clash.who}${at && `已于 ${at} `}填为`);
    sentence.append(words("b", clash.shown), "，与上面您填的不同，请选择：");
    const mine = words("button", "保留我填的", { type: "button" });
    const theirs = words("button", `采用“${clash.shown}”`, { type: "button" });
    const settle = (typed) => {
      box.remove();
      this.clashed.delete(name);
      this.kept.set(name, { server: clash.theirs, local: clash.theirs });
      this.write(name, typed);
      this.inputs(name)[0]?.focus();
      this.later(0);
      if (this.changes().length === 0) this.say("已采用对方所填", "saved");
    };
    mine.addEventListener("click", () => settle(this.typed(name)));
    theirs.addEventListener("click", () => settle(clash.theirs));
    const actions = words("p", "", { class: "clash-actions" });
    actions.append(mine, theirs);
    box.append(sentence, actions);
    this.box(name)?.after(box);
    this.clashed.set(name, box);
  }

  showErrors(wrong) {
    for (const name of this.kept.keys()) {
      const box = this.box(name);
      if (!box) continue;
      const id = `f-${name}-error`;
      const old = box.querySelector(".error");
      const text = wrong[name];
      box.classList.toggle("wrong", text !== undefined);
      for (const input of this.inputs(name)) {
        if (text === undefined) input.removeAttribute("aria-invalid");
        else input.setAttribute("aria-invalid", "true");
      }
      if (old?.textContent === text) continue;
      old?.remove();
      if (text === undefined) continue;
      const error = words("p", "", { class: "error", id });
      error.append(words("span", text));
      (box.querySelector(".with-unit") ?? box.querySelector(".choice")).before(error);
    }
    this.showSummary(Object.entries(wrong));
  }

  showSummary(problems) {
    const place = document.querySelector("[data-errors]");
    if (!place) return;
    if (problems.length === 0) return place.replaceChildren();
    const list = document.createElement("ul");
    for (const [name, text] of problems) {
      const item = document.createElement("li");
      item.append(words("a", text, { href: `#f-${name}` }));
      list.append(item);
    }
    const summary = words("div", "", { class: "error-summary" });
    summary.append(words("h2", `有 ${problems.length} 处需要更正`), list);
    place.replaceChildren(summary);
  }

  showProgress(progress) {
    for (const part of progress) {
      const line = this.form.querySelector(`[data-section="${part.key}"]`);
      if (!line) continue;
      line.querySelector("[data-filled]").textContent = part.filled;
      const missing = line.querySelector("[data-missing]");
      missing.closest("p").hidden = part.missing.length === 0;
      missing.replaceChildren(...part.missing.flatMap((name, at) => [...(at ? ["、"] : []), words("a", this.label(name), { href: `#f-${name}` })]));
    }
  }

  showWarnings(warnings) {
    const place = document.querySelector("[data-warnings]");
    if (!place) return;
    place.hidden = warnings.length === 0;
    place.querySelector("ul").replaceChildren(...warnings.map((text) => words("li", text)));
  }

  // ---- leaving ------------------------------------------------------------------------------------------------------

  stash() {
    const open = this.changes().concat(
      [...this.clashed.keys()].map((field) => ({ field, was: this.kept.get(field).server, now: this.typed(field) })),
    );
    try {
      if (open.length === 0) sessionStorage.removeItem(this.stashKey);
      else sessionStorage.setItem(this.stashKey, JSON.stringify(open));
    } catch {
      // no room or no permission: the server's copy stays the only one
    }
  }

  takeStash() {
    let left = [];
    try {
      left = JSON.parse(sessionStorage.getItem(this.stashKey) ?? "[]");
    } catch {
      return;
    }
    for (const { field, was, now } of left) {
      if (!this.kept.has(field)) continue;
      this.write(field, now);
      this.kept.set(field, { server: was, local: was });
    }
  }

  flush() {
    this.stash();
    if (this.changes().length > 0 && this.saving === null) this.save();
  }

  // The form's own button saves at once. Handing in, and every other form, waits until all is saved and decided, and
  // goes with the mark of the session that is in force then.
  beforeSending(event) {
    const { target, submitter } = event;
    const elsewhere = submitter?.hasAttribute("formaction") ?? false; // the fields go along with another act
    if (target === this.passing) {
      this.passing = null;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const [clash] = this.clashed.values();
    if (clash) return clash.querySelector("button").focus();
    if (elsewhere && !this.stated(submitter)) return undefined;
    if (target === this.form && submitter?.name === "take_over") this.takeOver(submitter);
    this.save().then(async (saved) => {
      if (!saved) return this.state.scrollIntoView({ block: "center" });
      if (target === this.form && !elsewhere) return undefined;
      await this.renewForms();
      if (elsewhere) this.sawAsKept();
      this.passing = target;
      return target.requestSubmit(submitter ?? undefined);
    });
  }

  // The form itself is sent unchecked, so that anything can be saved; the ticks beside the button are checked.
  stated(button) {
    const ticks = button.closest("[data-hand-in]")?.querySelectorAll("input") ?? [];
    return [...ticks].every((input) => input.reportValidity());
  }

  // All is saved: the fields go along as this window knows them to be kept, and change nothing any more.
  sawAsKept() {
    const kept = [...this.kept].map(([name, { server }]) => [name, server]);
    this.form.elements.namedItem("seen").value = JSON.stringify(Object.fromEntries(kept));
  }

  // What an earlier filing holds: into the field beside, or into every field that stands blank.
  takeOver(button) {
    const offers = this.form.querySelectorAll("button[data-typed]");
    for (const offer of offers) {
      const all = button.value === "*" && this.typed(offer.value).length === 0;
      if (offer !== button && !all) continue;
      this.write(offer.value, JSON.parse(offer.dataset.typed));
      offer.closest("p").hidden = true;
    }
  }

  beforeLeaving(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || link.target || event.defaultPrevented || link.getAttribute("href").startsWith("#")) return;
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (this.failures > 0 || (this.changes().length === 0 && this.saving === null)) return;
    event.preventDefault();
    const patience = new Promise((done) => setTimeout(done, 3000));
    Promise.race([this.save(), patience]).then(() => window.location.assign(link.href));
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-draft]");
  if (form) new Draft(form);
});
