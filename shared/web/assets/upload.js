// Uploads with progress, pause, automatic retry and going on after a cut. Without this file the same forms send up to
// 8 MB in one piece. A form says where to announce a file (data-upload) or which announced one to go on with
// (data-resume, data-name, data-size); the answers of the service say where the bytes go.
"use strict";

const AT_ONCE = 3;
const LONGEST_WAIT = 30_000;
const WORDS = { waiting: "网络中断，正在自动重试", paused: "已暂停", checking: "正在检查并加锁保存，请不要关闭页面" };

class Refused extends Error {}
class SignedOut extends Refused {}
class Stopped extends Error {}

function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function megabytes(bytes) {
  return (bytes / 1048576).toFixed(1);
}

async function ask(path, body, key = freshKey()) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Idempotency-Key": key, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.ok) return answer.json();
  if (answer.status === 401) throw new SignedOut("登录已过期。请在另一个窗口重新登录，再回到这里点“继续”。");
  const problem = await answer.json().catch(() => ({}));
  if (answer.status >= 500 || answer.status === 429) throw new TypeError(problem.title);
  throw new Refused(problem.title ?? "请求未被接受，请刷新页面后重试。");
}

// One request to the file origin; fetch does not tell how far it is, XMLHttpRequest does.
function send(method, url, body, stop, progressed) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(method, url);
    request.upload.onprogress = (event) => progressed(event.loaded);
    request.onload = () => (request.status < 300 ? done() : failed(new TypeError(String(request.status))));
    request.onerror = () => failed(new TypeError("network"));
    request.onabort = () => failed(new Stopped());
    request.onloadend = () => stop.removeEventListener("abort", abort);
    stop.addEventListener("abort", abort);
    request.send(body);
  });
}

// The bar, the sentence and the buttons of one upload.
class Board {
  constructor(form) {
    this.root = form.querySelector("[data-progress]");
    this.bar = this.root.querySelector("progress");
    this.said = this.root.querySelector("[role=status]");
    this.amount = this.root.querySelector("[data-amount]");
    this.pause = this.root.querySelector("[data-pause]");
    this.root.hidden = false;
  }

  move(sent, size) {
    this.bar.max = size;
    this.bar.value = sent;
    this.amount.textContent = `${megabytes(sent)} / ${megabytes(size)} MB（${Math.floor((sent * 100) / size)}%）`;
  }

  say(sentence, wrong = false) {
    this.said.textContent = sentence;
    this.said.classList.toggle("error", wrong);
  }
}

// What is announced; read before the fields are switched off.
function announcementOf(form, file) {
  const typed = new FormData(form);
  const figure = typed.get("figure");
  return {
    name: file.name,
    size: file.size,
    kind: typed.get("kind"),
    figures: figure ? [figure] : [],
    page: Number(typed.get("page")) || null,
    replaces: typed.get("replaces") || null,
  };
}

class Upload {
  constructor(form, file) {
    this.form = form;
    this.file = file;
    this.board = new Board(form);
    this.announcement = announcementOf(form, file);
    this.address = form.dataset.resume;
    this.key = freshKey();
    this.sent = new Map();
    this.failures = 0;
    this.board.pause.onclick = () => (this.stop ? this.halt() : this.run());
  }

  halt() {
    this.stop?.abort();
    this.wake?.();
  }

  async run() {
    this.stop = new AbortController();
    this.board.pause.textContent = "暂停";
    this.board.pause.hidden = false;
    try {
      await this.untilThere();
      this.board.pause.hidden = true;
      await this.finalise();
    } catch (trouble) {
      if (!(trouble instanceof Stopped || trouble instanceof Refused)) throw trouble;
      this.stop = undefined;
      this.board.pause.textContent = "继续";
      this.board.say(trouble instanceof Stopped ? WORDS.paused : trouble.message, trouble instanceof Refused);
      if (trouble instanceof Refused && !(trouble instanceof SignedOut)) {
        this.board.pause.hidden = true;
        this.form.querySelector("fieldset").disabled = false;
      }
    }
  }

  // Everything that a network may break is tried again, less and less often, and at once when the network is back.
  async again(what) {
    for (;;) {
      if (this.stop.signal.aborted) throw new Stopped();
      try {
        const answer = await what();
        this.failures = 0;
        return answer;
      } catch (trouble) {
        if (!(trouble instanceof TypeError)) throw trouble;
        this.board.say(WORDS.waiting);
        await this.rest(Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures++));
      }
    }
  }

  rest(time) {
    return new Promise((done) => {
      const timer = setTimeout(() => this.wake(), time);
      this.wake = () => {
        clearTimeout(timer);
        window.removeEventListener("online", this.wake);
        done();
      };
      window.addEventListener("online", this.wake);
    });
  }

  async untilThere() {
    if (this.address === undefined) {
      const announced = await this.again(() => ask(this.form.dataset.upload, this.announcement, this.key));
      this.address = `${this.form.dataset.upload}/${announced.evidence_id}`;
      if (announced.upload_url) return this.again(() => this.sendWhole(announced));
    }
    for (;;) {
      const parts = await this.again(() => ask(`${this.address}/parts`));
      for (const number of parts.done) this.sent.set(number, Math.min(parts.part_size, this.file.size - (number - 1) * parts.part_size));
      for (const part of parts.missing) this.sent.set(part.number, 0);
      this.show();
      if (parts.missing.length === 0) return undefined;
      await this.sendParts(parts);
    }
  }

  async sendWhole(announced) {
    const form = new FormData();
    for (const [name, value] of Object.entries(announced.fields)) form.append(name, value);
    form.append("file", this.file);
    this.board.say("正在上传");
    try {
      await send("POST", announced.upload_url, form, this.stop.signal, (sent) => {
        this.board.move(Math.min(sent, this.file.size), this.file.size);
      });
    } catch (trouble) {
      if (trouble.message === "403") throw new Refused("上传地址已过期，请重新选择文件上传。");
      throw trouble;
    }
  }

  // A few at a time. A part that fails is left to the next round, which asks afresh what is missing and where it goes.
  async sendParts(parts) {
    const waiting = [...parts.missing];
    let broken;
    const worker = async () => {
      while (waiting.length > 0 && !broken) {
        const part = waiting.shift();
        const start = (part.number - 1) * parts.part_size;
        const bytes = this.file.slice(start, start + part.size);
        try {
          await send("PUT", part.url, bytes, this.stop.signal, (sent) => this.progressed(part.number, sent));
          this.progressed(part.number, part.size);
          this.failures = 0;
        } catch (trouble) {
          broken = trouble;
        }
      }
    };
    this.board.say("正在上传");
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (broken instanceof TypeError) {
      this.board.say(WORDS.waiting);
      await this.rest(Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures++));
    } else if (broken) {
      throw broken;
    }
  }

  progressed(number, sent) {
    this.sent.set(number, sent);
    this.show();
  }

  show() {
    const sent = [...this.sent.values()].reduce((sum, each) => sum + each, 0);
    this.board.move(sent, this.file.size);
  }

  async finalise() {
    this.board.say(WORDS.checking);
    const key = freshKey();
    const kept = await this.again(() => ask(`${this.address}/finalise`, undefined, key));
    const scanned = kept.state === "held" ? "待查毒，查毒完成后生效" : "已保存";
    this.board.say(`${kept.name}：${scanned}，SHA-256 ${kept.sha256}`);
    this.form.dispatchEvent(new CustomEvent("upload:done", { bubbles: true, detail: kept }));
    window.location.hash = "evidence";
    window.location.reload();
  }
}

function begin(event) {
  const form = event.target;
  const file = form.querySelector("input[type=file]").files[0];
  if (!file) return;
  event.preventDefault();
  const { name, size } = form.dataset;
  if (form.dataset.resume && (file.name !== name || file.size !== Number(size))) {
    new Board(form).say(`请选择原来的文件“${name}”（${megabytes(Number(size))} MB）；要上传别的文件，请先移除这一个。`, true);
    return;
  }
  const upload = new Upload(form, file);
  form.querySelector("fieldset").disabled = true;
  upload.run();
}

// Without scripts a file is sent along with the form whose fields it proves; with them its form is its own.
function takeBack(form) {
  for (const part of form.querySelectorAll("[form]")) {
    for (const name of ["form", "formaction", "formenctype"]) part.removeAttribute(name);
  }
}

for (const form of document.querySelectorAll("form[data-upload], form[data-resume]")) {
  takeBack(form);
  form.querySelectorAll("[data-with-script]").forEach((part) => (part.hidden = false));
  form.addEventListener("submit", begin);
}
