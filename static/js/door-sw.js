/* Service worker of the door, for /desk/events/ alone. It shows the kept page of the door when there is no network, and
   the files which that page names. It stores nothing itself and touches no other request: the page puts the shell, which
   is public and names nobody, into the cache, and what is personal lies sealed in the page's own store. */
const CACHE = "door-1";                                   // not mingbai-…: the reader's worker clears those
const SHELL = "/desk/events/door-shell";
const PAGE = /^\/desk\/events\/\d+\/door\/offline$/;
const FILE = /^\/(?:assets|static)\//;
const PATIENCE = 4000;                                    // ms: a network that says nothing is none

async function page(request) {
  const kept = await (await caches.open(CACHE)).match(SHELL);
  const asked = fetch(request);
  if (!kept) return asked;
  const late = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE); });
  return Promise.race([asked.catch(() => kept), late]);
}

async function file(request) {
  return await (await caches.open(CACHE)).match(request.url) || fetch(request);
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("door-") && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
})()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") { if (PAGE.test(url.pathname)) event.respondWith(page(request)); }
  else if (FILE.test(url.pathname) && url.search) event.respondWith(file(request));
});
