// A score sheet that cannot be lost: saved as it is typed, its state always said, and gone through by keyboard.
// Without this file the form's button saves; what the server checks is the same. What is not saved yet lies in this
// window's session storage under the person's id, so that a cut line, a reload or a lost session keep it.
"use strict";

const PAUSE = 1000; // after the last key
const RETRIES = [2000, 4000, 8000, 15000, 30000];

class Sheet {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.sheet;
    this.state = form.querySelector("[data-save-state]");
    this.stashKey = `sheet:${this.url}:${form.dataset.person}`;
    this.kept = this.typed();
    this.failures = 0;
    this.takeStash();
    form.addEventListener("input", () => this.later(PAUSE));
    form.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("online", () => this.later(0));
    window.addEventListener("pagehide", () => this.save());
    if (this.changed()) this.later(0);
  }

  fields() {
    return [...this.form.elements].filter((one) => /^(judgement|reason)\./.test(one.name));
  }

  typed() {
    const body = { judgements: {}, reasons: {} };
    for (const field of this.fields()) {
      const [kind, item] = [field.name.split(".", 1)[0], field.name.slice(field.name.indexOf(".") + 1)];
      const text = field.value.trim();
      // A number out of range or off its step stays in the window until it is put right: the draft holds right ones.
      if (text !== "" && field.checkValidity()) body[kind === "reason" ? "reasons" : "judgements"][item] = text;
    }
    return JSON.stringify(body);
  }

  changed() {
    return this.typed() !== this.kept;
  }

  say(text, state) {
    this.state.textContent = text;
    this.state.dataset.saveState = state;
  }

  later(pause) {
    this.stash();
    clearTimeout(this.timer);
    if (!this.changed()) return;
    if (this.failures === 0) this.say("正在填写，尚未保存", "typing");
    this.timer = setTimeout(() => this.save(), pause);
  }

  async save() {
    clearTimeout(this.timer);
    const body = this.typed();
    if (body === this.kept || this.saving) return;
    this.saving = true;
    if (this.failures === 0) this.say("正在保存…", "saving");
    const answer = await this.send(body);
    this.saving = false;
    if (answer?.ok) return this.saved(body, await answer.json());
    if (answer && answer.status < 500 && answer.status !== 401) return this.refused(await answer.json());
    this.say("未能保存，正在重试。填写的内容留在此窗口，请不要关闭", "failed");
    this.timer = setTimeout(() => this.save(), RETRIES[Math.min(this.failures, RETRIES.length - 1)]);
    this.failures += 1;
  }

  async send(body) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": crypto.randomUUID() };
    const asked = () => fetch(this.url, { method: "PUT", body, headers, keepalive: true });
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

  saved(body, answer) {
    this.failures = 0;
    this.kept = body;
    const at = new Date(answer.saved_at).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
    this.say(`草稿已加密保存 ${at}，只有您能看到`, "saved");
    this.stash();
    if (this.changed()) this.later(PAUSE);
  }

  refused(problem) {
    this.say(`未能保存：${problem.title}`, "failed");
  }

  stash() {
    const open = this.fields().map((one) => [one.name, one.value]);
    try {
      if (this.changed() || this.fields().some((one) => one.value !== "" && !one.checkValidity()))
        sessionStorage.setItem(this.stashKey, JSON.stringify(open));
      else sessionStorage.removeItem(this.stashKey);
    } catch {
      // no room or no permission: the server's copy stays the only one
    }
  }

  takeStash() {
    try {
      for (const [name, value] of JSON.parse(sessionStorage.getItem(this.stashKey) ?? "[]")) {
        const field = this.form.elements.namedItem(name);
        if (field) field.value = value;
      }
    } catch {
      sessionStorage.removeItem(this.stashKey);
    }
  }

  // Enter goes on to the next line instead of signing; from the last one to the confirmation.
  key(event) {
    if (event.key !== "Enter" || !event.target.matches("input.numeric, select")) return;
    event.preventDefault();
    const lines = [...this.form.querySelectorAll("input.numeric, select, input[type=checkbox][required]")];
    lines[lines.indexOf(event.target) + 1]?.focus();
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-sheet]");
  if (form) new Sheet(form);
});
