/* What was copied in another program, as a form: its HTML, and the pictures that a browser can read of it. Word and WPS
   name pictures by files of the writer's own machine, which no page may read; their bytes stand in the RTF that is copied
   beside the HTML. */
const MOST = 18_000_000;                                  // bytes of all pictures together; the server takes a little more
const IMAGE = /<img\b(?:"[^"]*"|'[^']*'|[^'">])*>/gi;
const FORMS = { png: "image/png", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp" };

function fromHex(hex) {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(hex.substr(at * 2, 2), 16);
  return bytes;
}

function picture(form, bytes) {
  return bytes.length ? new File([bytes], `picture.${form}`, { type: FORMS[form] }) : null;
}

/* Returns what stands in a group itself, without the groups inside it. */
function own(rtf, start) {
  const brace = /[{}]/g;
  brace.lastIndex = start + 1;
  let [depth, from, text] = [1, start + 1, ""];
  for (let found = brace.exec(rtf); found && depth; found = brace.exec(rtf)) {
    if (depth === 1) text += rtf.slice(from, found.index);
    depth += found[0] === "{" ? 1 : -1;
    from = found.index + 1;
  }
  return text;
}

/* Returns the pictures of a document in their order; null for one in a format that no browser shows. Every picture stands
   there twice, the second time for programs of the nineties. */
function inRtf(rtf) {
  const all = [...rtf.matchAll(/\{\\pict(?![a-z])/g)].filter(({ index }) => !/\{\\nonshppict\s*$/.test(rtf.slice(Math.max(0, index - 20), index)));
  return all.map(({ index }) => {
    const text = own(rtf, index);
    const form = /\\(png|jpeg)blip/.exec(text)?.[1];
    return form ? picture(form, fromHex(text.replace(/\\[a-z]+-?\d* ?/g, "").replace(/[^0-9a-f]/gi, ""))) : null;
  });
}

function inAddress(address) {
  const [, form, data] = /^data:image\/(png|jpeg|gif|webp);base64,(.*)$/s.exec(address) || [];
  try {
    return form ? picture(form, Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))) : null;
  } catch {
    return null;                                          // not what it says it is
  }
}

export default function copied(html, rtf, files) {
  const form = new FormData();
  const images = (html.match(IMAGE) || []).map((tag) => new DOMParser().parseFromString(tag, "text/html").querySelector("img"));
  const local = images.filter((image) => /^file:/i.test(image?.getAttribute("src") || ""));
  let kept = inRtf(local.length ? rtf : "");
  // One that goes by another's words would be worse than none.
  if (kept.length !== local.length) kept = [];
  const single = images.length === 1 ? files.find((file) => Object.values(FORMS).includes(file.type)) : null;
  let [number, size] = [-1, 0];
  form.set("html", html.replace(IMAGE, () => {
    number += 1;
    const image = images[number];
    const read = image && (inAddress(image.getAttribute("src") || "") || kept[local.indexOf(image)] || single);
    const shown = document.createElement("img");
    shown.alt = image?.alt || "";
    if (read && size + read.size <= MOST) {
      size += read.size;
      shown.dataset.picture = number;
      form.set(`picture-${number}`, read, read.name);
    }
    return shown.outerHTML;
  }));
  return form;
}
