import * as api from "./api.js";
import * as history from "./history.js";
import { paint } from "./heat.js";
import * as mask from "./mask.js";
import { showChanges } from "./words.js";

const $ = (id) => document.getElementById(id);

const STAGES = {
  waiting: "Waiting",
  starting: "Starting",
  direction: "Reading the words",
  encode: "Looking at the picture",
  invert: "Finding the way back to noise",
  mask: "Finding what changes",
  null_text: "Fitting",
  edit: "Editing",
  generate: "Drawing",
  replay: "Looking where words look",
  decode: "Finishing",
};

let info = { captioner: false, default_steps: 16, qualities: {}, mask_methods: [] };
let current = null; // the picture on the stage: id, and address to show it
let watched = null; // the job whose preview is shown
let inversion = null; // id of the latest inversion, and of what: { id, key }
let maps = null; // attention maps of it
let timer = 0;

// ------------------------------------------------------------------ small things

function trouble(error) {
  $("trouble").hidden = !error;
  $("trouble").textContent = error ? error.message : "";
}

function show(...ids) {
  for (const id of ["source", "preview", "slider"]) {
    $(id).hidden = !ids.includes(id);
  }
  showMask();
}

/** Over the picture alone, while it is painted or if there is one. */
function showMask() {
  const before = !$("source").hidden && $("heat").hidden && watched === null;
  $("mask").hidden = !before || (mask.isEmpty() && !mask.isPainting());
  $("mask-open").hidden = !before;
  if (before) {
    const said = mask.isEmpty() || mask.isPainting();
    $("about").textContent = said ? "Your picture" : `Your picture. ${mask.describe()}`;
  }
  if (!before && mask.isPainting()) {
    mask.paint(false);
  }
}

function settings() {
  const value = {
    ...inversionSettings(),
    target: $("target").value.trim(),
    method: $("method").value,
    strength: Number($("strength").value),
  };
  if ($("guidance").value !== "") {
    value.guidance_scale = Number($("guidance").value);
  }
  if ($("negative").value.trim()) {
    value.negative_prompt = $("negative").value.trim();
  }
  if (!mask.isEmpty()) {
    value.mask = mask.dataUrl();
  }
  return value;
}

/** What an inversion depends on. */
function inversionSettings() {
  return {
    picture: current.id,
    caption: $("caption").value.trim(),
    steps: Number($("steps").value),
    seed: Number($("seed").value),
  };
}

function inversionKey({ picture, caption, steps, seed } = inversionSettings()) {
  return JSON.stringify([picture, caption, steps, seed]);
}

function refresh() {
  const caption = $("caption").value;
  showChanges($("changes"), caption, $("target").value);
  $("steps-out").value = $("steps").value;
  const steps = Number($("steps").value);
  $("quality").value = Object.keys(info.qualities).find((name) => info.qualities[name] === steps) ?? "";
  $("strength-out").value = $("strength").value;
  const misfit = !mask.isEmpty() && !info.mask_methods.includes($("method").value);
  $("mask-misfit").hidden = !misfit;
  $("edit").disabled = !current || !caption.trim() || !$("target").value.trim() || misfit;
  $("words").hidden = !current || !caption.trim();
  if (!current || inversion?.key !== inversionKey()) {
    hideHeat();
    inversion = null;
  }
  const words = [...new Set(caption.split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean))];
  const shown = [...$("chips").children].map((chip) => chip.textContent);
  if (words.join(" ") !== shown.join(" ")) {
    $("chips").replaceChildren(
      ...words.map((word) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.textContent = word;
        chip.setAttribute("aria-pressed", "false");
        chip.addEventListener("click", () => look(chip));
        return chip;
      }),
    );
  }
}

// ------------------------------------------------------------------ the picture

async function take(file) {
  trouble(null);
  try {
    const sent = await api.upload(file);
    await put(sent.id, URL.createObjectURL(file));
    if (info.captioner && !$("caption").value.trim()) {
      await describe();
    }
    $("caption").focus();
  } catch (error) {
    trouble(error);
  }
}

async function put(id, address) {
  current = { id, address };
  $("source").src = address;
  await $("source").decode();
  mask.reset($("source").naturalWidth, $("source").naturalHeight);
  $("drop").hidden = true;
  $("show").hidden = false;
  backToPicture();
}

function backToPicture() {
  watched = null;
  hideHeat();
  show("source");
  $("back").hidden = true;
  $("work").hidden = true;
  refresh();
}

async function describe() {
  $("look").disabled = true;
  try {
    const { caption } = await api.post(`/api/v1/pictures/${current.id}/caption`);
    $("caption").value = caption;
    if (!$("target").value.trim()) {
      $("target").value = caption;
    }
    refresh();
  } catch (error) {
    trouble(error);
  } finally {
    $("look").disabled = false;
  }
}

// ------------------------------------------------------------------ edits

async function edit(event) {
  event.preventDefault();
  trouble(null);
  const wanted = settings();
  try {
    const job = await api.post("/api/v1/edits", {
      ...wanted,
      keep: true, // this page may be loaded anew
      preview_every: Math.max(1, Math.round(wanted.steps / 10)),
    });
    watch(job);
    poll();
  } catch (error) {
    trouble(error);
  }
}

/** Follows a job to its end, unless another is watched meanwhile. */
async function watch(job) {
  watched = job.id;
  hideHeat();
  $("drop").hidden = true;
  $("show").hidden = false;
  $("work").hidden = false;
  $("back").hidden = false;
  $("about").textContent = history.describe(job);
  show("source");
  try {
    await api.events(`/api/v1/jobs/${job.id}/events`, (name, data) => {
      if (watched !== job.id) {
        return;
      }
      if (name === "progress") {
        progress(data);
      } else if (name === "preview") {
        $("preview").src = data.image;
        show("preview");
      } else {
        ended(data);
      }
    });
  } catch (error) {
    if (watched === job.id) {
      trouble(error);
      $("work").hidden = true;
    }
  }
  poll();
}

function progress(data) {
  const stage = STAGES[data.stage] ?? data.stage;
  $("stage-text").textContent =
    data.position > 0
      ? `Waiting, number ${data.position} in the queue`
      : data.steps > 1
        ? `${stage}, step ${data.done} of ${data.steps}`
        : stage;
  $("bar").value = data.fraction;
}

function ended(job) {
  $("work").hidden = true;
  if (job.state === "done") {
    showResult(job);
  } else {
    show("source");
    if (job.state === "failed") {
      trouble(new Error(job.error));
    } else {
      $("about").textContent = "Cancelled";
    }
  }
}

async function showResult(job) {
  watched = job.id;
  const [before, after] = await Promise.all([
    history.picture(`/api/v1/jobs/${job.id}/source`),
    history.picture(`/api/v1/jobs/${job.id}/image`),
  ]);
  if (watched !== job.id) {
    return;
  }
  $("before").src = before;
  $("after").src = after;
  $("drop").hidden = true;
  $("show").hidden = false;
  $("work").hidden = true;
  hideHeat();
  show("slider");
  $("back").hidden = !current;
  $("about").textContent = `${history.describe(job)} (${history.facts(job)})`;
  if (current && job.inversion && job.settings.picture === current.id) {
    inversion = { id: job.inversion, key: inversionKey(job.settings) };
  }
}

async function reuse(job) {
  trouble(null);
  const { settings: old } = job;
  try {
    if (current?.id !== old.picture) {
      let id = old.picture;
      let image;
      try {
        image = await api.blob(`/api/v1/pictures/${id}`);
      } catch {
        image = await api.blob(`/api/v1/jobs/${job.id}/source`); // kept for longer
        id = (await api.upload(image)).id;
      }
      await put(id, URL.createObjectURL(image));
    }
    mask.clear();
    if (old.mask) {
      await mask.load(await api.blob(`/api/v1/jobs/${job.id}/mask`));
    }
    $("caption").value = old.caption ?? "";
    $("target").value = history.describe(job);
    $("method").value = old.method;
    $("steps").value = old.steps;
    $("strength").value = old.strength;
    $("seed").value = old.seed;
    $("guidance").value = old.guidance_scale ?? "";
    $("negative").value = old.negative_prompt ?? "";
    backToPicture();
    $("target").focus();
  } catch (error) {
    trouble(error);
  }
}

async function end(job) {
  try {
    await api.remove(`/api/v1/jobs/${job.id}`);
  } catch (error) {
    if (error.status !== 404) {
      trouble(error);
    }
  }
  poll();
}

const actions = {
  show: (job) => (job.state === "done" ? showResult(job) : watch(job)),
  reuse,
  remove: end,
};

/** Shows what there is, again and again as long as something is at work. */
async function poll() {
  clearTimeout(timer);
  try {
    const { jobs } = await api.get("/api/v1/jobs");
    const edits = jobs.filter((job) => job.kind !== "invert");
    history.render($("jobs"), edits, actions);
    $("none").hidden = edits.length > 0;
    const busy = jobs.some((job) => job.state === "queued" || job.state === "running");
    timer = setTimeout(poll, busy ? 1000 : 10000);
  } catch (error) {
    trouble(error);
    timer = setTimeout(poll, 10000);
  }
}

// ------------------------------------------------------------------ where words look

async function look(chip) {
  trouble(null);
  if (chip.getAttribute("aria-pressed") === "true") {
    hideHeat();
    return;
  }
  const word = chip.textContent;
  const key = inversionKey();
  $("chips").setAttribute("aria-busy", "true");
  try {
    if (inversion?.key !== key) {
      const job = await api.post("/api/v1/inversions", inversionSettings());
      let made = job;
      $("work").hidden = false;
      watched = job.id;
      show("source");
      await api.events(`/api/v1/jobs/${job.id}/events`, (name, data) => {
        if (name === "progress") {
          progress(data);
        } else if (name === "end") {
          made = data;
        }
      });
      $("work").hidden = true;
      if (made.state !== "done") {
        return;
      }
      inversion = { id: made.inversion, key };
    }
    if (maps?.id !== inversion.id) {
      maps = { id: inversion.id, ...(await api.get(`/api/v1/inversions/${inversion.id}/attention`)) };
    }
    const found = maps.words.find((each) => each.word === word);
    if (!found) {
      throw new Error(`The model does not read “${word}” as a word of its own.`);
    }
    hideHeat();
    paint($("heat"), maps.width, maps.height, found.heat);
    watched = null;
    $("heat").hidden = false;
    show("source");
    $("opacity-field").hidden = false;
    $("about").textContent = `Where “${word}” looks`;
    $("back").hidden = false;
    chip.setAttribute("aria-pressed", "true");
  } catch (error) {
    trouble(error);
  } finally {
    $("chips").removeAttribute("aria-busy");
  }
}

function hideHeat() {
  $("heat").hidden = true;
  $("opacity-field").hidden = true;
  for (const chip of $("chips").children) {
    chip.setAttribute("aria-pressed", "false");
  }
  showMask();
}

// ------------------------------------------------------------------ start

function listen() {
  $("file").addEventListener("change", () => {
    if ($("file").files.length > 0) {
      take($("file").files[0]);
      $("file").value = "";
    }
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    $("drop").classList.add("over");
  });
  document.addEventListener("dragleave", () => $("drop").classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    $("drop").classList.remove("over");
    if (event.dataTransfer.files.length > 0) {
      take(event.dataTransfer.files[0]);
    }
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length > 0) {
      take(event.clipboardData.files[0]);
    }
  });
  $("form").addEventListener("submit", edit);
  $("quality").addEventListener("input", () => {
    $("steps").value = info.qualities[$("quality").value];
  });
  $("form").addEventListener("input", refresh);
  mask.listen(() => {
    showMask();
    refresh();
  }, trouble);
  $("cancel").addEventListener("click", () => watched && end({ id: watched }));
  $("back").addEventListener("click", backToPicture);
  $("other").addEventListener("click", () => $("file").click());
  $("look").addEventListener("click", describe);
  $("opacity").addEventListener("input", () => {
    $("heat").style.opacity = $("opacity").value;
  });
  $("slider").addEventListener("slide", () => {
    $("slider").setAttribute("aria-valuenow", Math.round($("slider").value));
  });
  $("heat").style.opacity = $("opacity").value;
}

async function start() {
  listen();
  try {
    info = await api.get("/api/v1/info");
    $("model").textContent = info.model;
    $("look").hidden = !info.captioner;
    $("steps").max = info.most_steps;
    $("steps").value = info.default_steps;
    refresh();
  } catch (error) {
    trouble(error);
  }
  poll();
}

start();
