/* Tells the portal that a page is being read, without cookies and without saying by whom (docs/privacy.md).
   <article data-behaviour="counted" data-minutes>  with a .prose: its address + /read after 5 s on the screen, and
     + /completed once the end of the text was on the screen and a third of the reading time has passed
   <any data-behaviour="counted" data-place data-form>: the form to the place, after a second on the screen
   Time counts only while the page is visible. */
const READ_S = 5;
const ASKED_S = 1;

function afterSeen(seconds, act) {
  let left = seconds * 1000;
  let since = null;
  let timer = 0;
  const turn = () => {
    clearTimeout(timer);
    if (since !== null) left -= performance.now() - since;
    since = null;
    if (document.visibilityState !== "visible") return;
    since = performance.now();
    timer = setTimeout(() => {
      document.removeEventListener("visibilitychange", turn);
      act();
    }, Math.max(0, left));
  };
  document.addEventListener("visibilitychange", turn);
  turn();
}

export default function counted(element) {
  if (!navigator.sendBeacon) return;
  const { place, form, minutes } = element.dataset;
  if (form) {
    afterSeen(ASKED_S, () => navigator.sendBeacon(place, new URLSearchParams(form)));
    return;
  }
  const send = (what) => navigator.sendBeacon(`${location.pathname}/${what}`);
  afterSeen(READ_S, () => send("read"));

  const end = element.querySelector(".prose")?.nextElementSibling;
  if (!end || !window.IntersectionObserver) return;
  let missing = 2;                                     // the end, and the time
  const one = () => { missing -= 1; if (!missing) send("completed"); };
  afterSeen(Math.max(READ_S, Number(minutes) * 60 / 3), one);
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    one();
  });
  watch.observe(end);
}
