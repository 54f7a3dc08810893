/* Quiz: saves each answer in the background as it is given, and keeps what cannot be sent.
   <form data-behaviour="quiz" data-offline data-save?> with <p role="status">.
   With data-save every change is sent at once (X-Background); what fails is sent again when the connection is back.
   Without data-save the key follows the answer, so only the button sends; without connection nothing is lost. */
export default function quiz(form) {
  const status = form.querySelector("[role=status]");
  const { offline, save } = form.dataset;
  let waiting = false;
  let sending = false;
  let timer = 0;

  const say = (text, bad) => {
    status.textContent = text || "";
    status.classList.toggle("quiz__status--bad", Boolean(bad));
  };

  async function send() {
    if (sending) { waiting = true; return; }
    sending = true;
    waiting = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-Background": "1" },
        redirect: "manual",
      });
      if (answer.type === "opaqueredirect") { location.reload(); return; }   // ended meanwhile, or the time is over
      say(answer.ok ? save : offline, !answer.ok);
      waiting = waiting || answer.status >= 500;
    } catch {
      waiting = true;
      say(offline, true);
    }
    sending = false;
    if (waiting) later();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(send, 3000);
  }

  // "I don't know" and an answer put each other aside.
  form.addEventListener("change", ({ target }) => {
    const unknown = (target.name || "").endsWith("-unknown");
    const base = (target.name || "").replace(/-.*$/, "");
    if (target.type === "checkbox" && target.checked) {
      for (const other of form.elements) {
        if (other === target || other.type !== "checkbox") continue;
        const isUnknown = other.name === `${base}-unknown`;
        if (unknown ? other.name === base : isUnknown) other.checked = false;
      }
    }
    if (save) { clearTimeout(timer); timer = setTimeout(send, 150); }
  });
  addEventListener("online", () => { if (waiting) send(); });
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) { event.preventDefault(); say(offline, true); return; }
    clearTimeout(timer);
  });
}
