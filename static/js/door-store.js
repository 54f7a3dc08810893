/* What a telephone keeps for a door without a network. Everything that says something of a person or a code is sealed by
   AES-GCM under a key that is made from a PIN (PBKDF2) and lies in memory only, while the page is unlocked. In the clear
   there is: which lecture, until when, how many steps wait, how many wrong PINs were typed. Five of those erase it all. */
const NAME = "mingbai-door";
const ROUNDS = 600_000;
export const TRIES = 5;
export const SHELL = "/desk/events/door-shell";
export const CACHE = "door-1";
const LEAST_DIGITS = 3, KNOWN_DIGITS = 4;   // as `queries.door`
const ALPHABET = /^[2-9A-HJKMNP-Z]{8}$/;

const text = new TextEncoder();
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export function nonce() {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll("+", "-").replaceAll("/", "_");
}

/* The code that somebody typed or scanned, however it is written; "": it is none. As `rules.codes.typed`. */
export function typed(said) {
  const plain = said.normalize("NFKC").toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
  return said.length <= 64 && ALPHABET.test(plain) ? plain : "";
}

/* A PIN that is not the first that anybody would try. */
export function strong(pin) {
  const same = new Set(pin).size < 3;
  const row = "01234567890 9876543210".includes(pin);
  return pin.length >= 6 && !same && !row;
}

let opened;
function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const made = request.result;
      made.createObjectStore("doors", { keyPath: "event" });
      made.createObjectStore("lines", { keyPath: ["event", "by"] });
      made.createObjectStore("steps", { keyPath: "seq", autoIncrement: true }).createIndex("event", "event");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function change(stores, work) {
  const unit = (await database()).transaction(stores, "readwrite");
  work(...stores.map((name) => unit.objectStore(name)));
  return new Promise((resolve, reject) => {
    unit.oncomplete = () => resolve();
    unit.onabort = unit.onerror = () => reject(unit.error);
  });
}

async function all(store, event, index) {
  const from = (await database()).transaction(store).objectStore(store);
  const range = index ? IDBKeyRange.only(event) : IDBKeyRange.bound([event], [event, []]);
  return done((index ? from.index(index) : from).getAll(range));
}

const one = async (store, key) => done((await database()).transaction(store).objectStore(store).get(key));

/* What may be known without the PIN. */
export async function peek(event) {
  const kept = await one("doors", event);
  return kept && { left: TRIES - kept.tries, until: kept.until, waiting: await waiting(event) };
}

export async function waiting(event) {
  return (await all("steps", event, "event")).filter((step) => !step.sent).length;
}

/* Every lecture of which this telephone keeps something. */
export async function kept() {
  return done((await database()).transaction("doors").objectStore("doors").getAllKeys());
}

export async function erase(event) {
  const steps = await all("steps", event, "event");
  await change(["doors", "lines", "steps"], (doors, lines, queue) => {
    doors.delete(event);
    lines.delete(IDBKeyRange.bound([event], [event, []]));
    steps.forEach((step) => queue.delete(step.seq));
  });
  if (!(await kept()).length) {
    await caches.delete(CACHE);
    const worker = await navigator.serviceWorker?.getRegistration("/desk/events/");
    if (worker && new URL(worker.scope).pathname === "/desk/events/") await worker.unregister();
  }
}

/* Erases what belongs to a day that is over. */
export async function purge(now) {
  const doors = await done((await database()).transaction("doors").objectStore("doors").getAll());
  for (const door of doors) if (Date.parse(door.until) < now) await erase(door.event);
}

async function made(pin, salt, rounds) {
  const raw = await crypto.subtle.importKey("raw", text.encode(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function seal(key, about, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: text.encode(about) };
  return { iv, data: await crypto.subtle.encrypt(how, key, text.encode(JSON.stringify(value))) };
}

async function unseal(key, about, { iv, data }) {
  const how = { name: "AES-GCM", iv, additionalData: text.encode(about) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, data)));
}

const place = (event, by) => `line:${event}:${by}`;

/* Keeps a list under a new PIN. */
export async function keep(event, pin, list) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await made(pin, salt, ROUNDS);
  await write(event, key, { salt, rounds: ROUNDS }, list);
  return unlock(event, pin);
}

async function write(event, key, how, list) {
  const { lines, ...about } = list;
  const sealed = await Promise.all(lines.map(async (line) => ({ event, by: line.by, ...await seal(key, place(event, line.by), line) })));
  const door = { event, ...how, until: list.until, tries: 0, ...await seal(key, `door:${event}`, about) };
  await change(["doors", "lines"], (doors, rows) => {
    rows.delete(IDBKeyRange.bound([event], [event, []]));
    doors.put(door);
    sealed.forEach((row) => rows.put(row));
  });
}

/* Returns the open door; with a wrong PIN how many tries are left, and at the last one everything is erased. */
export async function unlock(event, pin) {
  const door = await one("doors", event);
  if (!door) return { left: 0 };
  door.tries += 1;                                        // noted before it is tried, so that no try goes uncounted
  await change(["doors"], (doors) => doors.put(door));
  const key = await made(pin, door.salt, door.rounds);
  let about;
  try {
    about = await unseal(key, `door:${event}`, door);
  } catch {
    if (door.tries >= TRIES) await erase(event);
    return { left: Math.max(0, TRIES - door.tries) };
  }
  await change(["doors"], (doors) => doors.put({ ...door, tries: 0 }));
  return { open: new Door(event, key, about, { salt: door.salt, rounds: door.rounds }) };
}

/* An unlocked door. Lines are opened one by one and forgotten; nothing of them stays but what is on the page. */
class Door {
  #key;
  #event;
  #how;

  constructor(event, key, about, how) {
    this.#key = key;
    this.#event = event;
    this.#how = how;
    this.about = about;
  }

  async #open(row) {
    return unseal(this.#key, place(this.#event, row.by), row);
  }

  async find(code) {
    const key = await crypto.subtle.importKey("raw", bytes(this.about.key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const by = hex(await crypto.subtle.sign("HMAC", key, text.encode(code)));
    const row = await one("lines", [this.#event, by]);
    return row && this.#open(row);
  }

  /* Whoever fits a part of a name, or the last digits of a telephone: of more digits than the list has, the last count. */
  async search(said, most) {
    const even = (word) => word.normalize("NFKC").toLowerCase().replace(/\s/g, "");
    const wanted = even(said);
    const found = [];
    if (!wanted) return found;
    const digits = /^[0-9]+$/.test(wanted) && wanted.slice(-KNOWN_DIGITS);
    if (digits && digits.length < LEAST_DIGITS) return found;
    for (const row of await all("lines", this.#event)) {
      const line = await this.#open(row);
      if (digits ? line.ends?.endsWith(digits) : line.name && even(line.name).includes(wanted)) found.push(line);
      if (found.length > most) break;
    }
    return found;
  }

  async write(line) {
    const row = { event: this.#event, by: line.by, ...await seal(this.#key, place(this.#event, line.by), line) };
    await change(["lines"], (rows) => rows.put(row));
  }

  async renew(list) {
    await write(this.#event, this.#key, this.#how, list);
    const { lines, ...about } = list;
    this.about = about;
    return lines.length;
  }

  /* Adds a step to what is to be sent. */
  async add(step) {
    const row = { event: this.#event, sent: false, ...await seal(this.#key, `step:${this.#event}`, step) };
    await change(["steps"], (queue) => queue.add(row));
  }

  /* Steps in their order, opened; `sent`: those which the portal answered in a way that somebody should see. */
  async steps(sent) {
    const rows = (await all("steps", this.#event, "event")).filter((row) => row.sent === sent);
    return Promise.all(rows.map(async (row) => ({ seq: row.seq, ...await unseal(this.#key, `step:${this.#event}`, row) })));
  }

  async settle(step, answer) {
    const { seq, ...about } = step;
    const row = { seq, event: this.#event, sent: true, ...await seal(this.#key, `step:${this.#event}`, { ...about, answer }) };
    await change(["steps"], (queue) => queue.put(row));
  }

  async forget(seq) {
    await change(["steps"], (queue) => queue.delete(seq));
  }
}
