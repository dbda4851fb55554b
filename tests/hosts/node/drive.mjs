// Runs the calls of stdin, some at a time, as `docs/embed/embed.mjs` does it, and writes how each
// ended, a line each.

import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

import { ActionError, call } from './embed.mjs';

const { calls, schemas, atOnce } = JSON.parse(await text(process.stdin));
const directory = pathToFileURL(`${schemas}/`);

async function run(number) {
  const { action, input, connection, limit } = calls[number];
  const start = performance.now();
  const connections = { [connection.id]: connection };
  const ended = await call(action, input, connections, directory, limit * 1000).then(
    (result = null) => ({ result }),
    (thrown) =>
      thrown instanceof ActionError ? { error: thrown.error } : { broken: String(thrown.stack) },
  );
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(`${JSON.stringify({ number, seconds, ...ended })}\n`);
}

const numbers = calls.keys();
async function several() {
  for (const number of numbers) await run(number);
}

await Promise.all(Array.from({ length: atOnce }, several));
