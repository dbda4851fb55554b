"use strict";
// Runs of the component in Node-RED: a worker for each, with a time limit.

const { readFile, readdir } = require("node:fs/promises");
const path = require("node:path");
const { Worker } = require("node:worker_threads");
const { Failure } = require("./failure");

const WORKER = path.join(__dirname, "worker.mjs");
const COMPONENT = path.join(__dirname, "component");

/** How many workers run at once; further runs wait for one of them. */
const WORKERS = 4;
/** How much longer than its time limit a run may take to report what it has done. */
const GRACE_MS = 2000;

let compiled;
let running = 0;
const waiting = [];

/** Runs an action, and calls `started` when it no longer waits for a worker. */
async function run({ timeLimitMs, started, ...call }) {
  if (running < WORKERS) running += 1;
  else await new Promise((turn) => waiting.push(turn));
  try {
    started();
    compiled ??= compile();
    return await inWorker({ modules: await compiled, ...call }, timeLimitMs + GRACE_MS);
  } finally {
    // The slot goes to the run that has waited longest.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

async function compile() {
  const names = (await readdir(COMPONENT)).filter((name) => name.endsWith(".wasm"));
  const modules = names.map(async (name) => [name, await WebAssembly.compile(await readFile(path.join(COMPONENT, name)))]);
  return Object.fromEntries(await Promise.all(modules));
}

function inWorker(workerData, timeLimitMs) {
  return new Promise((resolve, reject) => {
    const sent = [];
    let denied;
    // No environment, no arguments; what the worker prints is nobody's output.
    const worker = new Worker(WORKER, { workerData, env: {}, argv: [], stdout: true, stderr: true });
    const finish = (settle, value) => {
      clearTimeout(timer);
      // Ends its connections, too.
      worker.terminate();
      settle(value);
    };
    const ended = (message, limit) => finish(reject, sandbox({ message, sent, limit }));
    const timer = setTimeout(() => ended(`The run did not end within ${timeLimitMs / 1000} seconds.`, "time-limit"), timeLimitMs);
    worker.on("message", (message) => {
      if ("sent" in message) sent.push(message.sent);
      else if ("denied" in message) denied = message.denied;
      else if (denied) ended(`The action asked for ${denied}, which it does not declare.`);
      else if ("error" in message) finish(reject, new Failure(message.error));
      else finish(resolve, message.result);
    });
    worker.on("error", (error) => ended(`The component failed: ${error?.message ?? error}.`));
    worker.on("exit", () => ended("The worker ended without a result."));
  });
}

/** The failure of a run that was ended from outside, with the writes that it had sent. */
function sandbox({ message, sent, limit }) {
  if (sent.length === 0) {
    return new Failure({ kind: "sandbox", message, fix: "Run again; if it fails again, report it.", ...(limit && { limit }) });
  }
  return new Failure({
    kind: "outcome-unknown",
    message: `${message} It had sent ${sent.join(", ")}.`,
    fix: "Look in the tenant whether these changes were made before you run the action again.",
    retrySafe: false,
  });
}

module.exports = { run };
