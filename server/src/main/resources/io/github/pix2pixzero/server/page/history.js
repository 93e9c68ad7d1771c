import * as api from "./api.js";

const METHODS = {
  "beside-trajectory": "beside the trajectory",
  "prompt-to-prompt": "Prompt-to-Prompt",
  published: "as published",
};

/** Pictures by address, each fetched once. */
const pictures = new Map();

export async function picture(path) {
  if (!pictures.has(path)) {
    pictures.set(path, api.blob(path).then((blob) => URL.createObjectURL(blob)));
  }
  return pictures.get(path);
}

/** What an edit was asked for, in a few words. */
export function describe(job) {
  const { settings } = job;
  return (
    job.understood || settings.target || settings.prompt || `${settings.from ?? ""} → ${settings.to ?? ""}`
  );
}

export function facts(job) {
  const { settings } = job;
  const parts = [];
  if (settings.method) {
    parts.push(METHODS[settings.method] ?? settings.method);
  }
  parts.push(`${settings.steps} steps`);
  if (job.state === "done") {
    parts.push(`${job.seconds.toFixed(1)} s`);
  }
  if (settings.mask) {
    parts.push("a part");
  }
  if (job.reused_inversion) {
    parts.push("inversion kept");
  }
  return parts.join(" · ");
}

function button(text, action, label) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  if (label) {
    element.setAttribute("aria-label", label);
  }
  element.addEventListener("click", action);
  return element;
}

/** A card of an edit; see history in the page. */
function card(job, actions) {
  const item = document.createElement("li");
  item.className = "card";
  item.dataset.id = job.id;
  const text = describe(job);
  if (job.state === "done" && job.images.length > 0) {
    const show = button("", () => actions.show(job), `Show: ${text}`);
    show.className = "thumb";
    const image = document.createElement("img");
    image.alt = "";
    picture(`/api/v1/jobs/${job.id}/image`).then(
      (url) => {
        image.src = url;
      },
      () => item.remove(), // the server needed the room
    );
    show.append(image);
    item.append(show);
  } else {
    const waiting = document.createElement("div");
    waiting.className = "waiting";
    waiting.textContent =
      job.state === "queued"
        ? `waiting, number ${job.position}`
        : job.state === "running"
          ? `at work, ${Math.round(100 * job.fraction)} %`
          : job.state;
    item.append(waiting);
  }
  const words = document.createElement("div");
  words.className = "text";
  words.textContent = text;
  const quiet = document.createElement("p");
  quiet.className = "quiet";
  quiet.textContent = job.error ?? facts(job);
  words.append(quiet);
  const row = document.createElement("div");
  row.className = "row";
  if (job.state === "queued" || job.state === "running") {
    row.append(
      button("Watch", () => actions.show(job), `Watch: ${text}`),
      button("Cancel", () => actions.remove(job), `Cancel: ${text}`),
    );
  } else {
    if (job.settings.picture) {
      row.append(button("Use these again", () => actions.reuse(job), `Use these again: ${text}`));
    }
    if (job.state === "done" && job.images.length > 0) {
      row.append(button("Download", () => download(job), `Download: ${text}`));
    }
    row.append(button("Forget", () => actions.remove(job), `Forget: ${text}`));
  }
  item.append(words, row);
  return item;
}

/** With its parameters inside, as the server has written them. */
async function download(job) {
  const link = document.createElement("a");
  link.href = await picture(`/api/v1/jobs/${job.id}/image`);
  link.download = `${describe(job).replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60) || "edit"}.png`;
  link.click();
}

/** Shows the jobs; those that are as they were stay, with the focus they may have. */
export function render(list, jobs, actions) {
  const old = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const items = jobs.map((job) => {
    const look = `${job.state} ${job.position} ${Math.round(20 * job.fraction)}`;
    const known = old.get(job.id);
    if (known && known.dataset.look === look) {
      return known;
    }
    const made = card(job, actions);
    made.dataset.look = look;
    return made;
  });
  const same = items.length === list.children.length && items.every((item, i) => item === list.children[i]);
  if (!same) {
    list.replaceChildren(...items);
  }
}
