/* The door with a network: the page's own forms are sent without leaving it, and the camera fills in the code. Without
   this file the forms work as forms do. A step that did not arrive keeps its nonce: pressed again, it counts once. */
const root = document.querySelector("[data-door]");

function nonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

function say(name) {
  hush();
  const told = document.createElement("p");
  told.className = "notice notice--careful checkin__alert";
  told.setAttribute("role", "alert");
  told.textContent = root.dataset[name];
  document.getElementById("result").before(told);
  told.scrollIntoView({ block: "nearest" });
}
const hush = () => root.querySelectorAll(".checkin__alert").forEach((one) => one.remove());

async function send(form, pressed) {
  if (form.dataset.busy) return;
  form.dataset.busy = "y";
  const body = new URLSearchParams(new FormData(form));
  if (pressed?.name) body.set(pressed.name, pressed.value);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
    if (answer.status === 401 || answer.status === 400) return say("signedOut");
    if (!answer.ok) return say("failed");
    const told = await answer.json();
    hush();
    const result = document.getElementById("result");
    result.innerHTML = told.result;
    document.getElementById("now").innerHTML = told.now;
    result.scrollIntoView({ block: "nearest" });
    if (!form.isConnected) result.focus({ preventScroll: true });   // what was pressed is gone
    const one = form.querySelector("[name=nonce]");
    if (one) one.value = nonce();
    form.reset();
    form.closest("details")?.removeAttribute("open");
  } catch {
    say("failed");
  } finally {
    delete form.dataset.busy;
  }
}

/* A telephone that was used without a network forgets what is over, and says what it has not sent. */
async function remember() {
  const { purge, waiting } = await import(root.dataset.store);
  await purge(Date.now());
  if (await waiting(Number(root.dataset.event))) say("unsent");
}

async function start() {
  const { jsqr } = root.dataset;
  document.addEventListener("submit", (event) => {
    if (!event.target.dataset.form) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  const { controls } = await import(root.dataset.camera);
  const form = root.querySelector("[data-form=scan]");
  const told = (text) => { form.elements.code.value = text.slice(0, 64); form.requestSubmit(); };
  controls(root, { jsqr, told, say });
  if ("indexedDB" in self) remember().catch(() => {});
}

if (root) start();
