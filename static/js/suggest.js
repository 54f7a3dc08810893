/* Suggestions while typing: the combobox pattern of ARIA 1.2 over an ordinary search form.
   <form data-behaviour="suggest" data-suggest="/api/v1/suggest" data-audience data-locale data-label data-count="… {n} …">
   Without this file the form sends its text as before. */
const WAIT = 150;
let serial = 0;

export default function suggest(form) {
  const input = form.querySelector("input[type=search]");
  if (!input || !form.dataset.suggest) return;
  const id = `suggestions-${serial += 1}`;
  const list = document.createElement("ul");
  list.id = id;
  list.className = "search__list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.label || "");
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  (input.closest(".search__row") || form).append(list);
  form.append(status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off" })) {
    input.setAttribute(name, value);
  }

  const answers = new Map();        // what was asked in this visit; small and gone with the page
  let options = [];
  let active = -1;
  let typed = input.value;
  let timer = 0;
  let asking = null;
  let composing = false;

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    status.textContent = "";
  }
  function choose(index) {
    const { url, text } = options[index];
    close();
    const address = url ? new URL(url, location.href) : null;
    if (address && address.origin === location.origin && /^https?:$/.test(address.protocol)) return location.assign(address.href);
    input.value = text;
    form.requestSubmit ? form.requestSubmit() : form.submit();
  }
  function point(index) {
    clearTimeout(timer);
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[active];
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      input.value = typed;
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
    input.value = options[active].text;
  }
  function show(found) {
    options = found;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren(...found.map(({ text }, index) => {
      const option = document.createElement("li");
      option.id = `${id}-${index}`;
      option.className = "search__option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = text;
      option.addEventListener("pointerdown", (event) => event.preventDefault());   // the field keeps the focus
      option.addEventListener("click", () => choose(index));
      return option;
    }));
    const any = found.length > 0;
    list.hidden = !any;
    input.setAttribute("aria-expanded", String(any));
    status.textContent = any ? (form.dataset.count || "").replace("{n}", String(found.length)) : "";
  }
  async function ask() {
    const text = typed.trim().slice(0, 100);
    asking?.abort();
    if (!text) return close();
    if (answers.has(text)) return show(answers.get(text));
    const mine = asking = new AbortController();
    const url = new URL(form.dataset.suggest, location.href);
    url.search = new URLSearchParams({ q: text, audience: form.dataset.audience || "general", locale: form.dataset.locale || "zh-Hans" });
    try {
      const response = await fetch(url, { signal: mine.signal, credentials: "omit", headers: { accept: "application/json" } });
      if (!response.ok) return close();
      const found = ((await response.json()).suggestions || []).filter((s) => typeof s?.text === "string" && s.text).slice(0, 8);
      answers.set(text, found);
      if (mine === asking && document.activeElement === input && input.value.trim().slice(0, 100) === text) show(found);
    } catch {
      if (mine === asking) close();        // offline or too slow: the form still searches
    }
  }
  const soon = () => {
    typed = input.value;              // at once: whoever leaves an older list by Escape gets back what they typed last
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  };

  input.addEventListener("compositionstart", () => { composing = true; });
  input.addEventListener("compositionend", () => { composing = false; soon(); });
  input.addEventListener("input", () => { if (!composing) soon(); });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
  input.addEventListener("keydown", (event) => {
    if (composing || event.isComposing) return;
    const open = !list.hidden;
    const last = options.length - 1;
    if (event.key === "ArrowDown" && !open) { typed = input.value; ask(); event.preventDefault(); }
    else if (event.key === "ArrowDown" && open) { point(active >= last ? -1 : active + 1); event.preventDefault(); }
    else if (event.key === "ArrowUp" && open) { point(active < 0 ? last : active - 1); event.preventDefault(); }
    else if (event.key === "Escape" && open) { input.value = typed; close(); event.preventDefault(); }
    else if (event.key === "Enter" && open && active >= 0) { event.preventDefault(); choose(active); }
    else if (event.key === "Tab") close();
  });
}
