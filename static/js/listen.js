/* Read aloud by the device's own voice, sentence by sentence (long texts are cut off by some browsers).
   <div class="listen" data-behaviour="listen" data-target="CSS selector" hidden> with buttons
   data-listen="play | pause | resume | stop" and data-listen-rate="0.8 | 1" (in a <span data-listen-speed>), and <p role="status" data-reading data-paused data-done>.
   Shown only where a voice exists. */
const BLOCKS = "h1, h2, h3, h4, p, li, dt, dd, figcaption, caption, td, th, summary";
const SKIP = "[aria-hidden=true], [hidden], .src, .terms, nav, .toc, script, style, .tools, .listen, .share";

/* Telephone numbers are read digit by digit. */
const DIGITS = /\d(?=\d)/g;
const NUMBER = /(?<![\d.,])(?:110|96110|12[1-3]\d\d)(?![\d.,%元万岁年])/g;
const spell = (text) => text.replace(DIGITS, "$& ");

/* Text of one block without the blocks inside it, which are read in their own turn. */
function words(node) {
  let text = "";
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) text += child.data;
    else if (child.nodeType === Node.ELEMENT_NODE && !child.matches(SKIP) && !child.matches(BLOCKS) && !child.matches("ul, ol, dl, figure, table, div")) {
      const inner = words(child);
      text += child.matches("a[href^='tel:']") ? ` ${spell(inner)} ` : inner;
    }
  }
  return text;
}

function sentences(main) {
  const list = [];
  for (const block of main.querySelectorAll(BLOCKS)) {
    if (block.closest(SKIP) || block.parentElement.closest("a")) continue;
    const text = words(block).replace(NUMBER, spell).replace(/\s+/g, " ").trim();
    if (!text) continue;
    const label = block.matches("td[data-label]") && block.dataset.label !== text ? `${block.dataset.label}: ` : "";
    for (const part of (label + text).match(/[^。！？；.!?;]+[。！？；.!?;”"’)）]*/g) || []) {
      if (/[\p{L}\p{N}]/u.test(part)) list.push({ block, text: part });
    }
  }
  return list;
}

export default function listen(element) {
  const synth = window.speechSynthesis;
  const main = document.querySelector(element.dataset.target || "article");
  if (!synth || !window.SpeechSynthesisUtterance || !main) return;

  const lang = document.documentElement.lang || "zh-Hans";
  const spoken = lang.startsWith("zh") ? (lang === "zh-Hant" ? "zh-HK" : "zh-CN") : lang;
  const button = (name) => element.querySelector(`[data-listen=${name}]`);
  const rates = [...element.querySelectorAll("[data-listen-rate]")];
  const speed = element.querySelector("[data-listen-speed]");   // how fast matters once it reads
  const status = element.querySelector("[role=status]");
  let list = [];
  let at = 0;
  let run = 0;              // every start has its number: late events of an old one are ignored
  let rate = Number(rates.find((b) => b.getAttribute("aria-pressed") === "true")?.dataset.listenRate) || 1;

  const voice = () => {
    const voices = synth.getVoices();
    return voices.find((v) => v.lang === spoken) || voices.find((v) => v.lang.replace("_", "-").startsWith(spoken.slice(0, 2)));
  };
  const mark = (block) => {
    main.querySelector(".is-spoken")?.classList.remove("is-spoken");
    block?.classList.add("is-spoken");
  };
  function state(name) {
    const shown = { idle: ["play"], reading: ["pause", "stop"], paused: ["resume", "stop"] }[name];
    const held = document.activeElement?.dataset?.listen;
    for (const key of ["play", "pause", "resume", "stop"]) {
      const b = button(key);
      if (b) b.hidden = !shown.includes(key);
    }
    if (speed) speed.hidden = name === "idle";
    if (held && !shown.includes(held)) button(shown[0])?.focus();   // the pressed button went: keep the place
    if (status) status.textContent = status.dataset[name === "idle" ? "done" : name] || "";
  }
  function next(mine) {
    if (mine !== run) return;
    if (at >= list.length) return stop();
    const { block, text } = list[at];
    const part = new SpeechSynthesisUtterance(text);
    part.lang = spoken;
    part.rate = rate;
    const found = voice();
    if (found) part.voice = found;
    part.onend = () => { if (mine === run) { at += 1; next(mine); } };
    part.onerror = () => { if (mine === run) stop(); };
    mark(block);
    synth.speak(part);
  }
  function start() {
    synth.cancel();
    run += 1;
    state("reading");
    next(run);
  }
  function halt(name) {     // pause() is unreliable on phones: stop here, begin this sentence again on resume
    run += 1;
    synth.cancel();
    state(name);
  }
  function stop() {
    halt("idle");
    at = 0;
    mark(null);
  }

  button("play")?.addEventListener("click", () => { list = sentences(main); at = 0; if (list.length) start(); });
  button("pause")?.addEventListener("click", () => halt("paused"));
  button("resume")?.addEventListener("click", start);
  button("stop")?.addEventListener("click", stop);
  for (const b of rates) {
    b.addEventListener("click", () => {
      rate = Number(b.dataset.listenRate) || 1;
      rates.forEach((other) => other.setAttribute("aria-pressed", String(other === b)));
      if (button("pause") && !button("pause").hidden) start();      // go on at the new speed
    });
  }
  addEventListener("pagehide", () => synth.cancel());

  const reveal = () => {
    if (!element.hidden || !voice()) return;
    element.hidden = false;
    for (const key of ["play", "pause", "resume", "stop"]) { const b = button(key); if (b) b.hidden = key !== "play"; }
    if (speed) speed.hidden = true;
  };
  reveal();
  synth.addEventListener?.("voiceschanged", reveal);
}
