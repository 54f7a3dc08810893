/* Edition, text size and theme, remembered in this browser. One delegate for the whole page. */
const root = document.documentElement;
const edition = root.dataset.edition || "general";
const SIZES = ["20", "24", "30"];
const EDITIONS = ["general", "elderly", "youth", "new-resident"];
const keep = (name, value) => {
  try {
    if (value) localStorage.setItem(`mingbai.${name}`, value);
    else localStorage.removeItem(`mingbai.${name}`);
  } catch { /* nothing is kept, nothing breaks */ }
};

function mark(selector, value, read, attribute) {
  document.querySelectorAll(selector).forEach((element) => {
    const on = read(element) === value;
    if (attribute === "aria-pressed") element.setAttribute(attribute, String(on));
    else if (on) element.setAttribute(attribute, "true");
    else element.removeAttribute(attribute);
  });
}

function show() {
  mark("[data-size-choice]", root.dataset.size || "", (e) => e.dataset.sizeChoice, "aria-current");
  mark("[data-theme-choice]", root.dataset.theme || "", (e) => e.dataset.themeChoice, "aria-pressed");
}

export default function choices() {
  document.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
  show();
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-edition-choice], [data-size-choice], [data-theme-choice]");
    if (!target) return;
    const { editionChoice, sizeChoice, themeChoice } = target.dataset;
    if (editionChoice !== undefined) {
      if (EDITIONS.includes(editionChoice)) keep("edition", editionChoice);
      return;                                             // the link itself does the rest
    }
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (sizeChoice !== undefined) {
      const size = SIZES.includes(sizeChoice) ? sizeChoice : "";
      if (size) root.dataset.size = size;
      else delete root.dataset.size;
      keep(`size.${edition}`, size);
      const address = new URL(location.href);             // an old ?size= must not win on the next visit
      if (address.searchParams.has("size")) {
        address.searchParams.delete("size");
        history.replaceState(history.state, "", address);
      }
    } else {
      const theme = ["light", "dark"].includes(themeChoice) ? themeChoice : "";
      if (theme) root.dataset.theme = theme;
      else delete root.dataset.theme;
      keep("theme", theme);
    }
    show();
  });
}
