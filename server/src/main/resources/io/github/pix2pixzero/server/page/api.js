/** The server's interface under /api/v1, with the token if it asks for one. */

const KEY = "pix2pix-zero-token";
let asking = null;

/** An answer that is an error, in the server's own words. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Asks once, however many requests need it. */
function askForToken() {
  if (!asking) {
    const dialog = document.querySelector("#ask");
    asking = new Promise((resolve) => {
      dialog.addEventListener(
        "close",
        () => {
          sessionStorage.setItem(KEY, document.querySelector("#token").value);
          asking = null;
          resolve();
        },
        { once: true },
      );
      dialog.showModal();
    });
  }
  return asking;
}

async function send(path, options = {}) {
  const token = sessionStorage.getItem(KEY);
  const headers = { ...options.headers };
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  const response = await fetch(path, { ...options, headers });
  if (response.status === 401) {
    await askForToken();
    return send(path, options);
  }
  if (!response.ok) {
    let message = `The server answered ${response.status}.`;
    try {
      message = (await response.json()).error.message;
    } catch {
      // not in its own words, then
    }
    throw new Refused(response.status, message);
  }
  return response;
}

export async function get(path) {
  return (await send(path)).json();
}

export async function post(path, value) {
  const response = await send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value ?? {}),
  });
  return response.json();
}

export async function upload(blob) {
  const type = blob.type.startsWith("image/") ? blob.type : "image/png";
  const response = await send("/api/v1/pictures", {
    method: "POST",
    headers: { "Content-Type": type },
    body: blob,
  });
  return response.json();
}

export async function remove(path) {
  await send(path, { method: "DELETE" });
}

export async function blob(path) {
  return (await send(path)).blob();
}

/** Calls a handler for each server-sent event, until there are no more. */
export async function events(path, handler) {
  const response = await send(path);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block);
      const data = /^data: (.*)$/m.exec(block);
      if (name && data) {
        handler(name[1], JSON.parse(data[1]));
      }
    }
  }
}
