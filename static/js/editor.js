/* The editor of an edition: EasyMDE over the textarea, the check beside it while typing, and what is typed kept aside.
   Without it the textarea, the button "Check without saving" and the saved text do the same. */
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
    // Tab leaves the field, as everywhere else; indenting is a matter of typing.
    const keys = rich.codemirror.getOption("extraKeys");
    rich.codemirror.setOption("extraKeys", { ...keys, Tab: false, "Shift-Tab": false });
  }

  let timer;
  let last = "";
  let running = false;

  async function send(url) {
    return fetch(url, { method: "POST", body: new FormData(form), credentials: "same-origin", headers: { "X-Background": "1" } });
  }

  async function work() {
    const now = JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrf_token"));
    if (now === last || running) return;
    running = true;
    last = now;
    try {
      const checked = await send(words.check);
      if (checked.ok && !checked.redirected) panel.innerHTML = await checked.text();
      const answer = await send(words.slot);
      const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      kept.textContent = answer.ok && !answer.redirected ? words.kept.replace("{time}", time) : words.lost;
    } catch {
      kept.textContent = words.lost;
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
