// Clients for Node that record themselves.
import { writeFile } from "node:fs/promises";
import http from "node:http";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import axios from "axios";
import { AxiosHarTracker } from "axios-har-tracker";
import fetch from "node-fetch";
import harFetch from "node-fetch-har";
import NodeHttpAdapter from "@pollyjs/adapter-node-http";
import { Polly } from "@pollyjs/core";
import FSPersister from "@pollyjs/persister-fs";
import { make } from "./steps.mjs";

const { withHar, createHarLog } = harFetch;

export async function clients({ record, roots }) {
  for (const [mode, root] of Object.entries(await roots())) {
    await axiosHarTracker(await record("axios-har-tracker", mode), root);
    await polly(await record("polly", mode, ""), root);
    // node-fetch-har 1.0.1 waits without end for an answer that broke off.
    if (mode !== "cut") await nodeFetchHar(await record("node-fetch-har", mode), root);
  }
  const buffers = { responseType: "arraybuffer" };
  await axiosHarTracker(await record("axios-har-tracker", "buffer"), (await roots()).plain, buffers);
}

async function axiosHarTracker({ path, run }, root, options = {}) {
  const client = axios.create({ validateStatus: () => true, ...options });
  const tracker = new AxiosHarTracker(client);
  await make(run, root, async (method, url, headers, data) => {
    const answer = await client.request({ method, url, headers, data, transformResponse: (text) => text });
    return String(answer.data);
  });
  await writeFile(path, JSON.stringify(tracker.getGeneratedHar()));
}

async function nodeFetchHar({ path, run }, root) {
  const entries = [];
  const recording = withHar(fetch, { onHarEntry: (entry) => entries.push(entry) });
  await make(run, root, async (method, url, headers, body) =>
    (await recording(url, { method, headers, body })).text(),
  );
  await writeFile(path, JSON.stringify(createHarLog(entries)));
}

async function polly({ path, run }, root) {
  Polly.register(NodeHttpAdapter);
  Polly.register(FSPersister);
  const recorder = new Polly("run", {
    adapters: ["node-http"],
    persister: "fs",
    persisterOptions: { fs: { recordingsDir: path } },
    recordFailedRequests: true,
    logLevel: "silent",
  });
  await make(run, root, send);
  await recorder.stop();
}

// Node's own client, of which Polly takes the place.
function send(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers }, (response) => {
      const packed = response.headers["content-encoding"] === "gzip";
      const body = packed ? response.pipe(createGunzip()) : response;
      text(body).then(resolve, reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}
