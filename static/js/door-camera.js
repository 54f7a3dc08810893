/* Reads QR codes from the camera or from a photo, by the browser's own reader where it has one, else by jsQR. Nothing of
   a picture is kept or sent. */
const EVERY = 120;                                        // ms between looks
const SIDES = [640, 1200, 1800];                          // px: the long side of what is looked at; a photo is tried at each

async function reader(jsqr) {
  if ("BarcodeDetector" in self) {
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const own = new BarcodeDetector({ formats: ["qr_code"] });
      return async (canvas) => (await own.detect(canvas))[0]?.rawValue || "";
    }
  }
  await import(jsqr);
  return async (canvas, draw, thorough) => {
    const { data, width, height } = draw.getImageData(0, 0, canvas.width, canvas.height);
    return self.jsQR(data, width, height, { inversionAttempts: thorough ? "attemptBoth" : "dontInvert" })?.data || "";
  };
}

function drawn(source, width, height, side, canvas) {
  const scale = Math.min(1, side / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const draw = canvas.getContext("2d", { willReadFrequently: true });
  draw.drawImage(source, 0, 0, canvas.width, canvas.height);
  return draw;
}

/* Returns what the code in a photo says; "" where there is none. */
export async function photo(file, jsqr) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const read = await reader(jsqr);
  const canvas = document.createElement("canvas");
  try {
    for (const side of SIDES) {
      const draw = drawn(picture, picture.width, picture.height, side, canvas);
      const text = await read(canvas, draw, true);
      if (text) return text;
    }
    return "";
  } finally {
    picture.close();
  }
}

/* Watches the camera until it is stopped; `told` gets what every code that is seen says. */
export async function watch(video, jsqr, told) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment" } });
  const stop = () => {
    on = false;
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    video.hidden = true;
  };
  let on = true;
  try {
    const read = await reader(jsqr);
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const canvas = document.createElement("canvas");
    const look = async () => {
      if (!on) return;
      if (video.videoWidth) {
        try {
          const draw = drawn(video, video.videoWidth, video.videoHeight, SIDES[0], canvas);
          const text = await read(canvas, draw, false);
          if (text && on) told(text);
        } catch { /* this frame could not be read; the next one may */ }
      }
      setTimeout(look, EVERY);
    };
    look();
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}

/* The three controls of a page that reads codes: camera, stop, photo. `told` gets a code once, not with every frame. */
export function controls(root, { jsqr, told, say }) {
  const find = (name) => root.querySelector(`[data-scan=${name}]`);
  const [camera, end, picture, video] = [find("camera"), find("stop"), find("photo"), root.querySelector("video")];
  let stop = null;
  let last = { text: "", at: 0 };
  const once = (text) => {
    const now = Date.now();
    const again = text === last.text && now - last.at < 4000;
    last = { text, at: now };
    if (again) return;
    navigator.vibrate?.(60);
    told(text);
  };
  const show = () => { camera.hidden = Boolean(stop) || !navigator.mediaDevices?.getUserMedia; end.hidden = !stop; };
  const halt = () => { stop?.(); stop = null; show(); };
  camera.addEventListener("click", async () => {
    camera.disabled = true;
    try {
      stop = await watch(video, jsqr, once);
      show();
      end.focus();
    } catch {
      say("noCamera");
    }
    camera.disabled = false;
  });
  end.addEventListener("click", () => { halt(); camera.focus(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) halt(); });
  const input = picture.querySelector("input");
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    let text = "";
    try { text = await photo(file, jsqr); } catch { /* no picture */ }
    input.value = "";
    if (text) told(text);
    else say("none");
  });
  picture.hidden = false;
  show();
  return halt;
}
