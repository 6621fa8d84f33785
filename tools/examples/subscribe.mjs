#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Follows everything that happens at a node over Server-Sent Events, from where it stopped.
//
//     node subscribe.mjs http://127.0.0.1:27100 STATE OUT [QUERY]
//
// Each event becomes one line of OUT (its CloudEvents JSON); STATE holds the id of the last one. The line is
// written before the id, so a crash in between repeats an event and never loses one: whoever reads OUT
// leaves out ids that it has seen. QUERY narrows it (kind=deals&filter=...). LIAISON_TOKEN is shown when it
// is set. Needs Node 18 or later and no packages.
import fs from "node:fs";

const [url, state, out, query] = process.argv.slice(2);
const file = fs.openSync(out, "a");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const SILENCE_MS = 60000; // a living stream says something every 15 s

function load() {
  return fs.existsSync(state) ? fs.readFileSync(state, "utf8").trim() : "";
}

function save(id) {
  const fresh = fs.openSync(`${state}.new`, "w");
  fs.writeSync(fresh, id);
  fs.fsyncSync(fresh);
  fs.closeSync(fresh);
  fs.renameSync(`${state}.new`, state);
}

function take({ id, event, data }) {
  if (event === "stream.gap") console.error("missed:", data);
  else {
    fs.writeSync(file, `${data}\n`);
    fs.fsyncSync(file);
  }
  save(id);
}

/** The messages of a stream, as they come. */
async function* messages(body, alive) {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body) {
    alive();
    text += decoder.decode(bytes, { stream: true });
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const fields = {};
      for (const line of text.slice(0, end).split("\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, "");
      }
      if (fields.data !== undefined) yield fields;
    }
  }
}

async function follow() {
  const silence = new AbortController();
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error("silent for too long")), SILENCE_MS);
  };
  alive();
  try {
    const last = load();
    const headers = { Accept: "text/event-stream" };
    if (last) headers["Last-Event-ID"] = last;
    if (process.env.LIAISON_TOKEN) headers.Authorization = `Bearer ${process.env.LIAISON_TOKEN}`;
    const answer = await fetch(`${url}/api/v1/events?from=start${query ? `&${query}` : ""}`, {
      headers,
      signal: silence.signal,
    });
    if (answer.status === 200) {
      for await (const message of messages(answer.body, alive)) take(message);
      return;
    }
    const problem = await answer.json();
    if (problem.first) {
      // Events behind our id are gone: take the state from the lists, go on there.
      console.error("missed:", problem.detail);
      save(problem.first);
    } else console.error("refused:", answer.status, problem.detail);
  } finally {
    clearTimeout(timer);
  }
}

for (;;) {
  await follow().catch((error) => console.error("again:", error.message));
  await pause(500);
}
