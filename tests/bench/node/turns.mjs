// Runs one call, as `docs/embed/embed.mjs` does it, for each line of stdin, and answers with a line.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

import { call } from './embed.mjs';

const [asked] = process.argv.slice(2);
const { action, input, connection, schemas } = JSON.parse(asked);
const connections = { [connection.id]: connection };
const directory = pathToFileURL(`${schemas}/`);

for await (const _ of createInterface({ input: process.stdin })) {
  const result = await call(action, input, connections, directory, 60_000);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
