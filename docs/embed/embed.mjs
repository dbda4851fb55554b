// Runs actions of the component in JavaScript, with what jco makes of it.

import { readFile } from 'node:fs/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { Ajv2020 } from 'ajv/dist/2020.js';

// The error of an action.
export class ActionError extends Error {
  constructor(error) {
    super(error.message);
    this.error = error;
  }
}

// Runs an action in an instance of its own, for `limit` milliseconds at most. Returns the result;
// throws an `ActionError` with the error of the action. `connections` has the fields of each
// connection by its id, and its access token as `token`. `schemas` is the URL of the directory
// with the output of `o365 describe ACTION --json` for each action.
export async function call(action, input, connections, schemas, limit) {
  await check(action, input, schemas);
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { action, input, connections },
  });
  const ended = new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the action was ended at its time limit')));
  });
  const late = setTimeout(() => worker.terminate(), limit);
  try {
    const { result, error } = await ended;
    if (error) throw new ActionError(error);
    return result;
  } finally {
    clearTimeout(late);
    worker.terminate();
  }
}

// The bindings take wrong values: they drop a misspelt name, and -1 becomes 4294967295.
async function check(action, input, schemas) {
  const described = JSON.parse(await readFile(new URL(`${action}.json`, schemas), 'utf8'));
  const ajv = new Ajv2020();
  if (!ajv.validate(described.input, input)) throw new TypeError(ajv.errorsText());
}

// Runs in the worker.
async function run({ action, input }) {
  const component = await import('./o365/o365.js');
  const name = action.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  const exported = Object.values(component).find((actions) => name in actions);
  try {
    return { result: exported[name](input) };
  } catch (thrown) {
    // Anything else than the error of an action ends the worker.
    if (!thrown.payload) throw thrown;
    return { error: thrown.payload };
  }
}

if (!isMainThread) parentPort.postMessage(await run(workerData));
