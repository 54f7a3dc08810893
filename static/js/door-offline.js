/* The door without a network: three views (prepare, locked, open) of one page. All words stand in the page; names are on
   it only while it is unlocked. */
const main = document.getElementById("main");
const { dataset } = main;
const words = JSON.parse(dataset.words);
const event = Number(location.pathname.match(/\/events\/(\d+)\//)?.[1]);
const base = `/desk/events/${event}/door`;
const store = await import(dataset.store);
const { controls } = await import(dataset.camera);
const HIDDEN = 120_000, IDLE = 300_000, BEAT = 20_000, FOUND = 8, LATEST = 6;   // ms, ms, ms, people, steps

const find = (query) => main.querySelector(query);
const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_all, key) => values[key]);
const made = (tag, about = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), about);
  element.append(...inside);
  return element;
};
const button = (label, act, quiet) => {
  const element = made("button", { type: "button", className: `btn checkin__big${quiet ? " btn--quiet" : ""}`, textContent: label });
  element.addEventListener("click", act);
  return element;
};

let door = null;                                          // only while it is unlocked
let recent = [];
let net = { reached: navigator.onLine, signedOut: false, offDuty: false };
let sending = false;
let used = Date.now();
let hiddenAt = 0;
let halt = () => {};

function alertOf(name, values) {
  find("[data-alert]").replaceChildren(...(name ? [made("p", { className: "notice notice--careful", textContent: say(name, values) })] : []));
}

const time = (at) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: door.about.zone }).format(new Date(at));

/* ---------- what is shown ---------- */
function view(name) {
  for (const one of main.querySelectorAll("[data-view]")) one.hidden = one.dataset.view !== name;
}

async function status() {
  const n = await store.waiting(event);
  const place = find("[data-net]");
  place.dataset.state = net.reached ? "online" : "offline";
  const parts = [made("b", { textContent: say(net.reached ? "online" : "offline") }), made("span", { textContent: n ? say("waiting", { n }) : say("all_sent") })];
  if (net.signedOut) parts.push(made("span", { textContent: say("signed_out") }), made("a", { href: `/desk/sign-in?next=${base}/offline`, className: "btn btn--small", textContent: say("sign_in") }));
  if (net.offDuty) parts.push(made("span", { textContent: say("not_on_duty") }));
  place.replaceChildren(...parts);
  place.hidden = false;
}

/* Tells what came of a step. `name` and what else is personal goes into the page as text only. */
function result({ tone = "info", title, name, lines = [], needs = [], actions = [] }) {
  const box = made("div", { className: `notice notice--${tone} checkin__told` }, made("p", { className: "notice__title", textContent: title }));
  if (name) box.append(made("p", { className: "checkin__who", textContent: name }));
  lines.forEach((line) => box.append(made("p", { textContent: line })));
  if (needs.length) box.append(made("div", { className: "checkin__needs" }, made("p", {}, made("b", { textContent: say("needs") })), made("ul", {}, ...needs.map((need) => made("li", { textContent: need })))));
  if (actions.length) box.append(made("div", { className: "checkin__row" }, ...actions));
  const place = document.getElementById("result");
  place.replaceChildren(box);
  place.scrollIntoView({ block: "nearest" });
}

const about = (line) => ({
  name: line.name,
  lines: [say("counted", line) + (line.since ? ` · ${say("since", { time: time(line.since) })}` : "")],
  needs: [...line.needs, ...(line.note ? [line.note] : [])],
});

function last() {
  const rows = recent.slice(-LATEST).reverse().map((step) => {
    const undo = button(say("undo"), () => back(step), true);
    undo.classList.add("checkin__undo");
    const label = step.name || (step.kind === "code" ? step.code : say(step.kind === "tally" ? "tally_done" : "walk_in_done", { n: step.people }));
    undo.append(made("span", { className: "visually-hidden", textContent: `: ${label}` }));
    return made("li", {}, made("div", {}, made("b", { textContent: step.people }), " ", label, made("small", { className: "quiet", textContent: time(step.at) })), undo);
  });
  find("[data-last]").hidden = !rows.length;
  find("[data-last] ul").replaceChildren(...rows);
}

async function problems() {
  const told = (await door.steps(true)).map((step) => {
    const { outcome, over, people } = step.answer;
    const n = over || step.people;
    const text = { conflict: "conflict", unknown: "unknown", refused: "was_refused", late: "late" }[outcome] || "malformed";
    const forget = async () => { await door.forget(step.seq); await problems(); };
    const actions = [button(say("dismiss"), forget, true)];
    if (["unknown", "refused"].includes(outcome) && step.kind === "code") actions.unshift(button(say("as_walk_in", { n }), async () => { await heads("walk-in", n); await forget(); }, true));
    const box = made("div", { className: "notice notice--careful" }, made("p", { textContent: `${step.name || ""} ${say(text, { n, code: step.code || step.name || "" })}`.trim() }), made("div", { className: "checkin__row" }, ...actions));
    return { box, people };
  });
  find("[data-problems]").replaceChildren(...told.map(({ box }) => box));
}

/* ---------- steps ---------- */
async function add(step) {
  const whole = { nonce: store.nonce(), at: new Date().toISOString(), people: 1, ...step };
  await door.add(whole);
  if (whole.kind !== "undo") recent.push(whole);
  last();
  await status();
  send();
  return whole;
}

async function heads(kind, people) {
  if (!(people >= 1 && people <= 500)) return result({ tone: "careful", title: say("number") });
  const step = await add({ kind, people });
  return result({ tone: "safe", title: say(kind === "tally" ? "tally_done" : "walk_in_done", { n: people }), actions: [button(say("undo"), () => back(step), true)] });
}
const walkIn = (n) => button(say("walk_in", { n }), () => heads("walk-in", n), true);

async function letIn(line, people, code) {
  const step = await add({ kind: "code", people, code, ...(code ? {} : { guest: line.guest }), by: line.by, name: line.name });
  line.inside += people;
  line.since ||= step.at;
  await door.write(line);
  const more = line.seats - line.inside;
  result({ tone: "safe", title: say("let_in", { n: people }), ...about(line), actions: [...(more ? numbers(line, code) : []), button(say("undo"), () => back(step), true)] });
}

function numbers(line, code) {
  const left = line.seats - line.inside;
  if (left <= 10 && !line.group) return Array.from({ length: left }, (_none, n) => button(String(n + 1), () => letIn(line, n + 1, code)));
  const id = `n-${line.guest}`;
  const typed = made("input", { id, className: "input checkin__input", type: "number", inputMode: "numeric", min: 1, max: left, value: left });
  const go = button(say("go"), () => { const n = Number(typed.value); if (n >= 1 && n <= left) letIn(line, n, code); });
  return [made("label", { htmlFor: id, className: "visually-hidden", textContent: say("how_many") }), typed, go];
}

function meet(line, code) {
  const reason = { held: "held", child: "child", waiting: "waiting_list", ended: "ended" }[line.standing];
  if (reason) return result({ tone: "careful", title: say("refused"), lines: [say(reason)], actions: [walkIn(1), walkIn(2)] });
  const left = line.seats - line.inside;
  if (left <= 0) {
    const told = about(line);
    return result({ tone: "careful", title: say("already"), ...told, lines: [...told.lines, say("already_text")], actions: [walkIn(1)] });
  }
  if (line.seats === 1) return letIn(line, 1, code);
  const told = about(line);
  return result({ title: say("together"), ...told, lines: [...told.lines, say("how_many")], actions: numbers(line, code) });
}

async function scanned(text) {
  used = Date.now();
  if (!door) return;
  const code = store.typed(text);
  if (!code) return result({ tone: "careful", title: say("no_code") });
  const line = await door.find(code);
  if (line) return meet(line, code);
  const unlisted = (n) => button(say("by_code", { n }), async () => {
    const step = await add({ kind: "code", people: n, code });
    result({ tone: "safe", title: say("let_in", { n }), actions: [button(say("undo"), () => back(step), true)] });
  });
  return result({ tone: "careful", title: say("unlisted"), lines: [say("unlisted_text", { time: time(door.about.taken) })], actions: [unlisted(1), unlisted(2), walkIn(1)] });
}

async function back(step) {
  recent = recent.filter((one) => one.nonce !== step.nonce);
  await add({ kind: "undo", of: step.nonce });
  const line = step.code ? await door.find(step.code) : null;
  const known = line || (step.name && (await door.search(step.name, FOUND)).find((one) => one.by === step.by));
  if (known?.seats) {
    known.inside = Math.max(0, known.inside - step.people);
    if (!known.inside) known.since = null;
    await door.write(known);
  }
  result({ title: say("undone"), lines: [say("undone_text")] });
}

async function search(text) {
  const lines = await door.search(text, FOUND);
  if (!lines.length) return result({ tone: "careful", title: say("nobody"), actions: [walkIn(1)] });
  if (lines.length === 1) return result({ title: say(lines[0].inside < lines[0].seats ? "how_many" : "already"), ...about(lines[0]), actions: lines[0].inside < lines[0].seats ? numbers(lines[0], "") : [walkIn(1)] });
  const choose = lines.slice(0, FOUND).map((line) => button(`${line.name} ${line.inside}/${line.seats}`, () => result({ title: say("how_many"), ...about(line), actions: line.inside < line.seats ? numbers(line, "") : [walkIn(1)] }), true));
  return result({ title: say("open"), lines: lines.length > FOUND ? [say("more")] : [], actions: choose });
}

/* ---------- the network ---------- */
class Refused extends Error {}
async function ask(path, options = {}) {
  const { headers, ...rest } = options;
  const answer = await fetch(base + path, { ...rest, headers: { accept: "application/json", ...headers }, credentials: "same-origin" });
  net = { reached: true, signedOut: answer.status === 401, offDuty: false };
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 403 && told.error?.confirm) { location.assign(told.error.confirm); throw new Refused("confirm"); }
  net.offDuty = answer.status === 403 || answer.status === 404;
  if (!answer.ok) throw new Refused(told.error?.why || String(answer.status));
  return told;
}
const post = (path, token, body) => ask(path, { method: "POST", headers: { "content-type": "application/json", "x-csrftoken": token }, body: JSON.stringify(body) });

/* Sends what waits, in its order; what the portal answers with more than "counted" stays on the page until it was seen. */
async function send(beat = false) {
  if (sending) return;
  sending = true;
  const mine = door;
  try {
    const { token } = await ask("/state", { headers: beat ? { "x-background": "1" } : {} });   // a beat keeps no session alive
    while (mine && mine === door) {
      const steps = (await mine.steps(false)).slice(0, 50);
      if (!steps.length) break;
      const sent = steps.map(({ nonce, kind, at, people, code, guest, of }) => ({ nonce, kind, at, people, code, guest, of }));
      const told = await post("/sync", token, { device: mine.about.door, steps: sent });
      for (const step of steps) {
        const answer = told.answers.find((one) => one.nonce === step.nonce);
        if (!answer) continue;
        if (["counted", "already", "undone"].includes(answer.outcome)) await mine.forget(step.seq);
        else await mine.settle(step, answer);
      }
      if (mine === door) find("[data-inside]").textContent = say("in_hall", { time: time(Date.now()), n: told.inside });
    }
  } catch (error) {
    if (!(error instanceof Refused)) net.reached = false;
  }
  sending = false;
  await status();
  if (door) await problems();
}

async function fetched() {
  const { token } = await ask("/state");
  return post("/list", token, {});
}

/* Puts the page, which names nobody, and its files where the worker finds them. */
async function keepShell() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(dataset.worker, { scope: "/desk/events/" });
  const shell = await fetch(dataset.shell, { credentials: "omit", cache: "reload" });
  if (!shell.ok || shell.redirected || /no-store|private/i.test(shell.headers.get("cache-control") || "")) return;
  const cache = await caches.open(store.CACHE);
  const html = await shell.clone().text();
  const files = new Set([...html.matchAll(/(?:href|src|data-[a-z]+)="(\/(?:static|assets)\/[^"#]+)/g)].map(([, url]) => url));
  await Promise.all([...files].map(async (url) => (await cache.match(url)) || cache.add(new Request(url, { credentials: "omit" }))));
  await cache.put(store.SHELL, shell);
}

/* ---------- open and shut ---------- */
async function enter(opened) {
  door = opened;
  used = Date.now();
  find("[data-title]").textContent = door.about.title;
  find("[data-listed]").textContent = say("listed", { time: time(door.about.taken), n: door.about.size });
  const waiting = await door.steps(false);
  const undone = new Set(waiting.map((step) => step.of));
  recent = waiting.filter((step) => step.kind !== "undo" && !undone.has(step.nonce));
  alertOf("");
  view("open");
  last();
  await status();
  send();
}

function lock() {
  if (!door) return;
  door = null;
  recent = [];
  halt();
  document.getElementById("result").replaceChildren();
  find("[data-problems]").replaceChildren();
  find("[data-last] ul").replaceChildren();
  find("[data-last]").hidden = true;
  main.querySelectorAll("[data-view=open] form").forEach((form) => form.reset());
  view("locked");
  find("#pin").focus();
}

async function begin() {
  document.querySelectorAll("[data-online]").forEach((link) => { link.href = base; });
  await store.purge(Date.now());
  const kept = await store.peek(event);
  view(kept ? "locked" : "prepare");
  await status();
  if (kept && navigator.onLine) { keepShell().catch(() => {}); send(); }
}

async function prepare() {
  const [pin, again] = [find("#pin-new").value, find("#pin-again").value];
  if (!store.strong(pin)) return alertOf("weak_pin");
  if (pin !== again) return alertOf("pins_differ");
  alertOf("working");
  let list;
  try {
    list = await fetched();
  } catch (error) {
    if (error instanceof Refused && error.message === "confirm") return undefined;
    await status();
    return alertOf(error.message === "late" ? "shut" : "no_list");
  }
  try { await keepShell(); } catch { /* without a worker the page must stay open, and still works */ }
  const { open } = await store.keep(event, pin, { ...list, size: list.lines.length });
  find("[data-view=prepare]").reset();
  return enter(open);
}

async function unlock() {
  const field = find("#pin");
  const pin = field.value;
  field.value = "";
  const { open, left } = await store.unlock(event, pin);
  if (open) return enter(open);
  alertOf(left ? "wrong_pin" : "erased", { n: left });
  if (!left) { view("prepare"); await status(); }
  return undefined;
}

async function renew() {
  if (await store.waiting(event)) return alertOf("send_first");
  try {
    const list = await fetched();
    await door.renew({ ...list, size: list.lines.length });
    await enter(door);
  } catch (error) {
    if (error.message !== "confirm") alertOf(error.message === "late" ? "shut" : "no_list");
  }
  return undefined;
}

const acts = {
  code: (form) => scanned(form.elements.code.value),
  find: (form) => search(form.elements.text.value),
  "walk-in": (_form, pressed) => heads("walk-in", Number(pressed.value)),
  tally: (form) => heads("tally", Number(form.elements.people.value)),
};
const deeds = { lock, renew, erase: async () => { lock(); await store.erase(event); alertOf(""); view("prepare"); await status(); } };

if (!event) location.replace("/desk/");
else if (!("subtle" in crypto) || !("indexedDB" in self)) alertOf("too_old");
else {
  main.addEventListener("submit", async (submitted) => {
    const form = submitted.target;
    submitted.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "y";
    try {
      if (form.dataset.view === "prepare") await prepare();
      else if (form.dataset.view === "locked") await unlock();
      else if (door) {
        await acts[form.dataset.act](form, submitted.submitter);
        form.reset();
        form.closest("details")?.removeAttribute("open");
      }
    } finally {
      delete form.dataset.busy;
    }
  });
  main.addEventListener("click", ({ target }) => { const deed = target.closest?.("[data-do]")?.dataset.do; if (deed && door) deeds[deed](); });
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { used = Date.now(); }, { passive: true });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hiddenAt = Date.now();
      setTimeout(() => { if (document.hidden && Date.now() - hiddenAt >= HIDDEN) lock(); }, HIDDEN);
    } else if (hiddenAt && Date.now() - hiddenAt >= HIDDEN) lock();
  });
  addEventListener("pagehide", lock);
  addEventListener("online", () => send());
  addEventListener("offline", () => { net.reached = false; status(); });
  setInterval(() => { if (door && Date.now() - used >= IDLE) lock(); }, 5000);
  setInterval(() => { if (door && !document.hidden) send(true); }, BEAT);
  halt = controls(main, { jsqr: dataset.jsqr, told: scanned, say: (name) => alertOf(name === "noCamera" ? "no_camera" : name) });
  await begin();
}
