/* Entry. Binds behaviours to the elements that ask for them with data-behaviour; a page without one loads nothing more.
   Every text comes from data-* attributes of the page. Without this file every page still works. */
const here = new URL(import.meta.url);
const behaviours = {
  suggest: "./suggest.js",   // <form>: suggestions under the search field
  share: "./share.js",       // <details>: copy the link, or hand it to the phone's own sharing
  listen: "./listen.js",     // <div>: read the article aloud
  editor: "./editor.js",     // <form>: the desk's editor
  quiz: "./quiz.js",         // <form>: answers are saved as they are given
  counted: "./counted.js",   // <article>: that it is read, told without cookies
  choices: "./choices.js",   // <html> or any element: edition, text size and theme are remembered
};

async function bind(element) {
  for (const name of element.dataset.behaviour.split(/\s+/)) {
    const path = behaviours[name];
    if (!path) continue;
    const url = new URL(path, here);
    url.search = here.search;             // the version of the entry is the version of every module
    try {
      (await import(url)).default(element);
    } catch (error) {
      console.warn(`${name}:`, error);    // the element keeps its plain form
    }
  }
}

document.querySelectorAll("[data-behaviour]").forEach(bind);

const worker = document.documentElement.dataset.sw;
if (worker && "serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register(worker).catch(() => {}));
}
