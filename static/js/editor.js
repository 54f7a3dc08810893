/* An editor at the desk: the check beside it while typing; where the page asks for it, EasyMDE over the textarea, and what
   is typed kept aside. Without it the textarea, the button "Check without saving" and the saved text do the same. */
const PAUSE = 600;

function tool(name, text, act) {
  return { name, title: text, className: "tool", icon: `<span>${text}</span>`, action: act };
}

function around(before, after) {
  return (editor) => {
    const doc = editor.codemirror;
    doc.replaceSelection(before + doc.getSelection() + after);
    doc.focus();
  };
}

export default function editor(form) {
  const area = form.querySelector("textarea[name=body]");
  const words = form.dataset;
  const kept = form.querySelector("[data-part=kept]");
  const panel = document.querySelector("[data-part=check]");
  const { EasyMDE } = window;
  let rich;
  if (EasyMDE) {
    rich = new EasyMDE({
      element: area,
      autoDownloadFontAwesome: false,
      spellChecker: false,
      nativeSpellcheck: false,
      forceSync: true,
      status: false,
      inputStyle: "contenteditable",
      // Its own preview knows nothing of our blocks and layouts, and pictures come from the library.
      shortcuts: { togglePreview: null, toggleSideBySide: null, toggleFullScreen: null, drawImage: null },
      toolbar: [
        tool("heading", words.heading, EasyMDE.toggleHeading2),
        tool("bold", words.bold, EasyMDE.toggleBold),
        tool("list", words.list, EasyMDE.toggleUnorderedList),
        tool("steps", words.steps, EasyMDE.toggleOrderedList),
        tool("link", words.link, EasyMDE.drawLink),
        tool("scam", words.scam, around("\n[骗子话术]\n", "\n[/]\n")),
        tool("undo", words.undo, EasyMDE.undo),
        tool("redo", words.redo, EasyMDE.redo),
      ],
    });
    const field = rich.codemirror.getInputField();
    field.setAttribute("aria-label", words.label);
    rich.codemirror.on("paste", (here, event) => paste(here, event));
    // Tab leaves the field, as everywhere else; indenting is a matter of typing.
    const keys = rich.codemirror.getOption("extraKeys");
    rich.codemirror.setOption("extraKeys", { ...keys, Tab: false, "Shift-Tab": false });
  }

  // What Word, WPS or a browser copies comes with its headings, lists and tables; the server writes them as Markdown.
  // Copied code has none of them and is pasted as it is; so is everything by Ctrl+Shift+V.
  async function paste(here, event) {
    const copied = event.clipboardData?.getData("text/html") || "";
    if (!/<(h[1-6]|li|table|strong|b|em|i|a|img)[\s>]|mso-list/i.test(copied)) return;
    event.preventDefault();
    const note = form.querySelector("[data-part=pasted]");
    const plain = event.clipboardData.getData("text/plain");
    const start = copied.indexOf("<!--StartFragment-->");
    const end = copied.lastIndexOf("<!--EndFragment-->");
    const within = start >= 0 && end > start ? copied.slice(start, end) : copied;
    // The clipboard is empty once anything is awaited.
    const rtf = event.clipboardData.getData("text/rtf");
    const files = [...event.clipboardData.files];
    const place = here.setBookmark(here.getCursor());
    let text = plain;
    let said = words.plain;
    try {
      const told = await withPictures(within, rtf, files);
      told.set("csrf_token", form.querySelector("[name=csrf_token]").value);
      for (const name of ["source", "licence"]) told.set(name, document.getElementById(`word-${name}`)?.value || "");
      const answer = await fetch(words.pasted, { method: "POST", body: told, credentials: "same-origin", headers: { "X-Background": "1" } });
      if (!answer.redirected && (answer.ok || answer.status === 422)) ({ text = plain, said } = await answer.json());
    } catch {
      // No connection: the bare words are better than nothing.
    }
    if (here.somethingSelected()) here.replaceSelection(text.trimEnd());
    else here.replaceRange(text.trimEnd(), place.find() || here.getCursor());
    place.clear();
    note.textContent = said;
    here.focus();
  }

  async function withPictures(html, rtf, files) {
    const module = new URL("./copied.js", import.meta.url);
    module.search = new URL(import.meta.url).search;
    return (await import(module)).default(html, rtf, files);
  }

  let timer;
  let last = "";
  let running = false;

  async function send(url) {
    return fetch(url, { method: "POST", body: new FormData(form), credentials: "same-origin", headers: { "X-Background": "1" } });
  }

  async function work() {
    const now = JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrf_token"));
    if (now === last) return;
    if (running) {
      later();                            // what was typed meanwhile
      return;
    }
    running = true;
    last = now;
    try {
      const checked = await send(words.check);
      if (checked.ok && !checked.redirected) panel.innerHTML = await checked.text();
      if (!kept) return;
      const answer = await send(words.slot);
      const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      kept.textContent = answer.ok && !answer.redirected ? words.kept.replace("{time}", time) : words.lost;
    } catch {
      if (kept) kept.textContent = words.lost;
    } finally {
      running = false;
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(work, PAUSE);
  }

  form.addEventListener("input", later);
  if (rich) rich.codemirror.on("change", later);
}
