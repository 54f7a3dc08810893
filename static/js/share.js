/* Share: the phone's own sharing where there is one, otherwise the link is copied.
   <details data-behaviour="share" data-url data-title data-copied data-failed>
     <button type="button" data-share="send" hidden> · <button type="button" data-share="copy" hidden> · <p role="status"> */
export default function share(element) {
  const { title, copied, failed } = element.dataset;
  const url = new URL(element.dataset.url || location.href, location.href).href;
  const status = element.querySelector("[role=status]");
  const say = (text) => { if (status) status.textContent = text || ""; };
  const send = element.querySelector("[data-share=send]");
  const copy = element.querySelector("[data-share=copy]");

  if (send && navigator.share) {
    send.hidden = false;
    send.addEventListener("click", () => {
      say("");
      navigator.share({ title: title || document.title, url }).catch((error) => {
        if (error.name !== "AbortError") say(failed);      // closing the sheet is not a failure
      });
    });
  }
  if (copy && navigator.clipboard?.writeText) {
    copy.hidden = false;
    copy.addEventListener("click", () => navigator.clipboard.writeText(url).then(() => say(copied), () => say(failed)));
  }
}
