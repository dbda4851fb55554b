// The TypeScript client 2.x: as it comes, or with `auto`, which takes the newest revision.

import { Client, StreamableHTTPClientTransport as Http } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio } from '@modelcontextprotocol/client/stdio';

import { check, transport } from './checks.mjs';

const [mode = 'legacy'] = process.argv.slice(2);

await check(async (flags, elicit, receive) => {
  const capabilities = elicit ? { elicitation: {} } : {};
  const options = { capabilities, versionNegotiation: { mode } };
  const client = new Client({ name: 'tests', version: '1' }, options);
  if (elicit) client.setRequestHandler('elicitation/create', elicit);
  const opened = transport({ Http, Stdio }, flags);
  opened.onmessage = receive;
  await client.connect(opened);
  const call = (name, input, more) => client.callTool({ name, arguments: input }, more);
  return { client, call, revision: client.getNegotiatedProtocolVersion() };
});
