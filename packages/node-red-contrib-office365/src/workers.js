"use strict";
// Runs of the component in Node-RED: a worker for each, with a time limit.

const { readFile, readdir } = require("node:fs/promises");
const path = require("node:path");
const { MessageChannel, Worker, receiveMessageOnPort } = require("node:worker_threads");
const { Failure, said } = require("./failure");

const WORKER = path.join(__dirname, "worker.mjs");
const COMPONENT = path.join(__dirname, "component");

/** How many workers run at once; further runs wait for one of them. */
const WORKERS = 4;
/** How long a worker may take to start. */
const START_MS = 30_000;
/** How much longer than its time limit a run may take to report what it has done. */
const GRACE_MS = 3000;

let compiled;
let running = 0;
const waiting = [];

/**
 * Runs an action, and calls `started` when it no longer waits for a worker. `authorize` is called
 * after that: a token may expire while a run waits.
 */
async function run({ timeLimitMs, started, authorize, ...call }) {
  if (running < WORKERS) running += 1;
  else await new Promise((turn) => waiting.push(turn));
  try {
    started();
    const modules = await component();
    const authorization = await authorize();
    return await inWorker({ modules, authorization, ...call }, timeLimitMs + GRACE_MS);
  } finally {
    // The slot goes to the run that has waited longest.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** The modules of the component, which are compiled once. After a failure, the next run tries again. */
function component() {
  compiled ??= compile().catch((error) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}

async function compile() {
  const names = (await readdir(COMPONENT)).filter((name) => name.endsWith(".wasm"));
  const modules = names.map(async (name) => [name, await WebAssembly.compile(await readFile(path.join(COMPONENT, name)))]);
  return Object.fromEntries(await Promise.all(modules));
}

async function inWorker(data, timeLimitMs) {
  // A port of its own: what the worker has said can be read after its end. Node.js reports the
  // end of a worker without waiting for its messages.
  const { port1: here, port2: port } = new MessageChannel();
  // No environment, no arguments; what the worker prints is nobody's output.
  const worker = new Worker(WORKER, { workerData: { ...data, port }, transferList: [port], env: {}, argv: [], stdout: true, stderr: true });
  const sent = [];
  let outcome;
  const note = (message) => {
    if ("sent" in message) sent.push(message.sent);
    else if (!("begun" in message)) outcome ??= message;
  };
  let timer;
  const end = await new Promise((resolve) => {
    const limit = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => resolve({ late: ms }), ms);
    };
    limit(START_MS);
    here.on("message", (message) => {
      if ("begun" in message) limit(timeLimitMs);
      note(message);
      if (outcome) resolve(outcome);
    });
    worker.on("error", (error) => resolve({ trap: said(error) ?? "its worker ended" }));
    worker.on("exit", () => resolve({ trap: "its worker ended" }));
  });
  // Ends its connections, too.
  await worker.terminate();
  for (let left; (left = receiveMessageOnPort(here)) !== undefined;) note(left.message);
  here.close();
  clearTimeout(timer);
  return settled(outcome ?? end, sent);
}

/** The result of a run, or the failure with which it ended. */
function settled(outcome, sent) {
  if ("result" in outcome) return outcome.result;
  if ("error" in outcome) throw new Failure(outcome.error);
  if ("denied" in outcome) throw stopped(`The action asked for ${outcome.denied}, which it does not declare.`, sent);
  if ("late" in outcome) throw stopped(`The run did not end within ${outcome.late / 1000} seconds.`, sent, "time-limit");
  throw stopped(`The component failed: ${outcome.trap}.`, sent);
}

/** The failure of a run that was ended from outside, with the writes that it had sent. */
function stopped(message, sent, limit) {
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
