// The TypeScript SDK 1.x.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { check, transport } from './checks.mjs';

await check(async (flags, elicit, receive) => {
  const capabilities = elicit ? { elicitation: {} } : {};
  const client = new Client({ name: 'tests', version: '1' }, { capabilities });
  if (elicit) client.setRequestHandler(ElicitRequestSchema, elicit);
  const opened = transport({ Http, Stdio }, flags);
  opened.onmessage = receive;
  await client.connect(opened);
  const call = (name, input, options) =>
    client.callTool({ name, arguments: input }, undefined, options);
  return { client, call, revision: opened.protocolVersion };
});
