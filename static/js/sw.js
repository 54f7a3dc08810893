/* Service worker, served at /sw.js. Pages read before can be read again without a network; others get the offline page.
   Only public GETs of this site, without credentials; never the desk, the API or what someone searched for. */
const PAGES = "mingbai-pages-1";
const FILES = "mingbai-files-1";
const KEEP = 60;                                          // pages
const OFFLINE = ["/offline", "/elderly/offline", "/zh-Hant/offline", "/en/offline"];
const PRIVATE = /^\/(?:desk|api|healthz|sw\.js)(?:\/|$)|\/(?:search|preview)(?:\/|$)/;
const FILE = /^\/(?:assets|static)\//;

const plain = (url, extra) => new Request(url, { credentials: "omit", ...extra });
const storable = (response) =>
  response.ok && response.type === "basic" && !response.redirected &&
  !/no-store|private/i.test(response.headers.get("cache-control") || "");

/* The offline page of the edition and language that an address belongs to. */
const EDITION = /^((?:\/(?:zh-Hant|en))?(?:\/(?:elderly|youth|new-resident))?)(?:\/|$)/;
const offline = (path) => `${EDITION.exec(path)[1]}/offline`;

/* Keeps offline pages with every stylesheet, script and picture they name. */
async function prepare(paths) {
  const pages = await caches.open(PAGES);
  const files = await caches.open(FILES);
  const named = new Set();
  await Promise.all([...new Set(paths)].map(async (path) => {
    try {
      const response = await fetch(plain(path, { cache: "reload" }));
      if (!storable(response)) return;
      const html = await response.clone().text();
      for (const [, url] of html.matchAll(/(?:href|src)="(\/(?:assets|static)\/[^"#]+)/g)) named.add(url.replaceAll("&amp;", "&"));
      await pages.put(path, response);
    } catch { /* this edition has no offline page, or the network went */ }
  }));
  await Promise.all([...named].map((url) => file(plain(url), files).catch(() => {})));
}

async function file(request, open) {
  const files = open || await caches.open(FILES);
  const found = await files.match(request);
  if (found) return found;
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    const other = await files.match(request, { ignoreSearch: true });   // a page kept longer than the file it names
    if (other) return other;
    throw error;
  }
  if (storable(response)) {
    const path = new URL(request.url).pathname;
    for (const old of await files.keys()) if (new URL(old.url).pathname === path) await files.delete(old);   // an older version
    await files.put(request, response.clone());
  }
  return response;
}

async function fallback(url) {
  const pages = await caches.open(PAGES);
  const found = await pages.match(url.pathname);
  if (found) return found;
  for (const path of [offline(url.pathname), `/${url.pathname.split("/")[1]}/offline`, "/offline"]) {
    const page = await pages.match(path);
    if (page) return page;
  }
  return Response.error();
}

async function page(request, url, wait) {
  try {
    const cache = request.cache === "only-if-cached" ? "default" : request.cache;
    const response = await fetch(plain(url, { redirect: "manual", cache, headers: { accept: "text/html" } }));
    if (storable(response) && !url.search && /^text\/html/.test(response.headers.get("content-type") || "")) {
      const copy = response.clone();
      wait((async () => {
        const pages = await caches.open(PAGES);
        await pages.delete(url.pathname);                 // last in, last out
        await pages.put(url.pathname, copy);
        const keys = (await pages.keys()).filter((key) => !new URL(key.url).pathname.endsWith("/offline"));
        await Promise.all(keys.slice(0, Math.max(0, keys.length - KEEP)).map((key) => pages.delete(key)));
        if (!await pages.match(offline(url.pathname))) await prepare([offline(url.pathname)]);
      })());
    } else if (response.status === 404 || response.status === 410) {
      wait(caches.open(PAGES).then((pages) => pages.delete(url.pathname)));   // withdrawn: forget it here too
    }
    return response;
  } catch {
    return fallback(url);
  }
}

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  await prepare([...OFFLINE, ...open.map((client) => offline(new URL(client.url).pathname))]);
  await self.skipWaiting();
})()));
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("mingbai-") && ![PAGES, FILES].includes(name)).map((name) => caches.delete(name)));
  await self.clients.claim();
})()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || request.headers.has("authorization") || request.headers.has("range")) return;
  if (PRIVATE.test(url.pathname)) return;
  /* A file with a version in its address never changes; one without is left to the browser. */
  if (FILE.test(url.pathname)) { if (url.search) event.respondWith(file(plain(request.url))); }
  else if (request.mode === "navigate") event.respondWith(page(request, url, (promise) => event.waitUntil(promise)));
});
