/* Passkeys: makes one, or signs in or confirms with one. Every text is in the page; without this file the button stays
   hidden and the password works. */
const place = document.querySelector("[data-passkey]");

async function ask(url, sent) {
  const options = sent
    ? { method: "POST", headers: { "content-type": "application/json", "x-csrftoken": place.dataset.token }, body: JSON.stringify(sent) }
    : {};
  const answer = await fetch(url, { ...options, credentials: "same-origin", headers: { accept: "application/json", ...options.headers } });
  const told = await answer.json();
  if (!answer.ok) {
    const elsewhere = told.error?.confirm || told.error?.sign_in;
    if (elsewhere) location.assign(elsewhere);
    throw new Error(`status ${answer.status}`);
  }
  return told;
}

async function go() {
  const { passkey, options, answer } = place.dataset;
  const asked = await ask(options);
  const credential = passkey === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  const name = document.getElementById("passkey-name")?.value;
  const told = await ask(answer, { credential: credential.toJSON(), name });
  location.assign(told.next);
}

/* A passkey belongs to a host name; under another one (an IP address, say) no browser would find it. */
const host = place?.dataset.host;
const fits = host && (location.hostname === host || location.hostname.endsWith(`.${host}`));
if (fits && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  place.hidden = false;
  document.querySelectorAll(".passkey-elsewhere").forEach((one) => { one.hidden = true; });
  const [button, failed] = [place.querySelector("button"), place.querySelector("[role=alert]")];
  button.addEventListener("click", async () => {
    button.disabled = true;
    failed.hidden = true;
    try {
      await go();
    } catch {
      failed.hidden = false;
    }
    button.disabled = false;
  });
}
