/**
 * The part of the picture that may change: painted over it by mouse, finger or keys, or loaded from
 * a picture. The canvas is opaque where it may.
 */

const MOST = 1024; // pixels of the longer side; the model looks no closer
const COLOUR = "rgb(214 40 120)";
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const $ = (id) => document.getElementById(id);
const canvas = $("mask");
const context = canvas.getContext("2d", { willReadFrequently: true });

let size = { width: 1, height: 1 }; // of the picture
let share = 0; // of the picture that may change
let painting = false;
let pointer = null; // id of the finger or mouse button that is down
let at = { x: 0, y: 0 }; // the brush, in pixels of the canvas
let changed = () => {};

export function isEmpty() {
  return share === 0;
}

export function isPainting() {
  return painting;
}

/** What may change, in words. */
export function describe() {
  if (share === 0) {
    return "All of it may change";
  }
  return `${share < 0.01 ? "Less than 1" : Math.round(100 * share)} % of it may change`;
}

/** Starts anew for a picture. */
export function reset(width, height) {
  size = { width, height };
  const scale = Math.min(1, MOST / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(scale * width));
  canvas.height = Math.max(1, Math.round(scale * height));
  at = { x: canvas.width / 2, y: canvas.height / 2 };
  measure();
}

export function clear() {
  context.clearRect(0, 0, canvas.width, canvas.height);
  measure();
}

/** Takes a picture of the same shape, white where it may change. */
export async function load(blob) {
  let image;
  try {
    image = await createImageBitmap(blob);
  } catch {
    throw new Error("The mask is not a picture that this browser reads.");
  }
  const wide = (image.width * size.height) / (image.height * size.width);
  if (wide < 0.99 || wide > 1.01) {
    throw new Error(
      `The mask has ${image.width} × ${image.height} pixels, the picture ${size.width} × ${size.height}.`,
    );
  }
  const { width, height } = canvas;
  context.globalCompositeOperation = "source-over";
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const [red, green, blue] = pixels.data.subarray(i, i + 3);
    pixels.data[i + 3] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  context.putImageData(pixels, 0, 0);
  fill(context, "source-in", COLOUR, canvas);
  measure();
}

/** As the server takes it: of the picture's size, white where it may change, black elsewhere. */
export function dataUrl() {
  const whole = document.createElement("canvas");
  Object.assign(whole, size);
  const out = whole.getContext("2d");
  out.drawImage(canvas, 0, 0, whole.width, whole.height);
  fill(out, "source-in", "#fff", whole);
  fill(out, "destination-over", "#000", whole);
  return whole.toDataURL("image/png");
}

function fill(onto, operation, colour, { width, height }) {
  onto.globalCompositeOperation = operation;
  onto.fillStyle = colour;
  onto.fillRect(0, 0, width, height);
  onto.globalCompositeOperation = "source-over";
}

function measure() {
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 3; i < data.length; i += 4) {
    sum += data[i];
  }
  share = sum / (255 * (data.length / 4));
  $("mask-status").textContent = describe();
  $("mask-clear").disabled = share === 0;
  changed();
}

// ------------------------------------------------------------------ the brush

function brushSize() {
  return (Number($("mask-size").value) / 100) * Math.min(canvas.width, canvas.height);
}

function isErasing() {
  return $("mask-eraser").getAttribute("aria-pressed") === "true";
}

function erase(wanted) {
  $("mask-eraser").setAttribute("aria-pressed", String(wanted));
  $("mask-brush").setAttribute("aria-pressed", String(!wanted));
}

/** From where the brush is to another place; a dab if that is the same. */
function stroke(to) {
  context.globalCompositeOperation = isErasing() ? "destination-out" : "source-over";
  context.strokeStyle = COLOUR;
  context.fillStyle = COLOUR;
  context.lineWidth = brushSize();
  context.lineCap = "round";
  context.beginPath();
  context.moveTo(at.x, at.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  context.beginPath(); // lines of no length are not drawn
  context.arc(to.x, to.y, brushSize() / 2, 0, 2 * Math.PI);
  context.fill();
  context.globalCompositeOperation = "source-over";
  move(to);
}

function move(to) {
  at = to;
  const brush = $("brush").style;
  brush.width = `${(100 * brushSize()) / canvas.width}%`;
  brush.left = `${(100 * at.x) / canvas.width}%`;
  brush.top = `${(100 * at.y) / canvas.height}%`;
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) / box.width) * canvas.width,
    y: ((event.clientY - box.top) / box.height) * canvas.height,
  };
}

function press(event) {
  if (event.button !== 0 || pointer !== null) {
    return;
  }
  pointer = event.pointerId;
  canvas.setPointerCapture(pointer);
  move(place(event));
  stroke(at);
}

function drag(event) {
  if (pointer === null) {
    move(place(event));
  } else if (event.pointerId === pointer) {
    stroke(place(event));
  }
}

function lift(event) {
  if (event.pointerId === pointer) {
    pointer = null;
    measure();
  }
}

function key(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  const way = KEYS[event.key];
  if (way) {
    const far = brushSize() / 3;
    const to = {
      x: Math.min(canvas.width, Math.max(0, at.x + far * way[0])),
      y: Math.min(canvas.height, Math.max(0, at.y + far * way[1])),
    };
    if (event.shiftKey) {
      stroke(to);
      measure();
    } else {
      move(to);
    }
  } else if (event.key === " " || event.key === "Enter") {
    stroke(at);
    measure();
  } else if (event.key === "e" || event.key === "E") {
    erase(!isErasing());
  } else if (event.key === "+" || event.key === "-") {
    $("mask-size").value = Number($("mask-size").value) + (event.key === "+" ? 2 : -2);
    move(at);
  } else if (event.key === "Escape") {
    paint(false);
    $("mask-open").focus();
  } else {
    return;
  }
  event.preventDefault();
}

// ------------------------------------------------------------------ the tools

/** Begins to paint or ends it. */
export function paint(wanted) {
  painting = wanted;
  canvas.inert = !wanted;
  $("mask-tools").hidden = !wanted;
  $("brush").hidden = !wanted;
  $("mask-open").setAttribute("aria-expanded", String(wanted));
  move(at);
  changed();
}

/**
 * @param onChange called when what is painted, or whether, has changed
 * @param onTrouble called with what went wrong
 */
export function listen(onChange, onTrouble) {
  changed = onChange;
  canvas.addEventListener("pointerdown", press);
  canvas.addEventListener("pointermove", drag);
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("keydown", key);
  $("mask-open").addEventListener("click", () => {
    paint(!painting);
    if (painting) {
      canvas.focus({ preventScroll: true });
    }
  });
  $("mask-done").addEventListener("click", () => {
    paint(false);
    $("mask-open").focus();
  });
  $("mask-brush").addEventListener("click", () => erase(false));
  $("mask-eraser").addEventListener("click", () => erase(true));
  $("mask-clear").addEventListener("click", clear);
  $("mask-size").addEventListener("input", () => move(at));
  $("mask-load").addEventListener("click", () => $("mask-file").click());
  $("mask-file").addEventListener("change", async () => {
    const [file] = $("mask-file").files;
    $("mask-file").value = "";
    if (file) {
      try {
        onTrouble(null);
        await load(file);
      } catch (error) {
        onTrouble(error);
      }
    }
  });
  paint(false);
}
