/* Runs in <head> before the first paint: what this reader chose in this browser, put on <html> as attributes.
   data-theme light|dark · data-size 20|24|30 · data-last the edition chosen last. Nothing leaves the browser. */
(function () {
  "use strict";
  var root = document.documentElement;
  var edition = root.getAttribute("data-edition") || "general";
  try {
    var store = window.localStorage;
    var theme = store.getItem("mingbai.theme");
    if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
    var asked = /[?&]size=(20|24|30)(&|$)/.exec(window.location.search);
    var size = asked ? asked[1] : store.getItem("mingbai.size." + edition);
    if (/^(20|24|30)$/.test(size || "")) root.setAttribute("data-size", size);
    var last = store.getItem("mingbai.edition");
    if (last && last !== edition && /^(general|elderly|youth|new-resident)$/.test(last)) root.setAttribute("data-last", last);
  } catch (e) { /* storage is closed to us: the page is complete without it */ }
})();
