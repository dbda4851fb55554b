// What stands in front of a server: it packs answers with gzip, or breaks every other one off.
// It runs in a thread of its own, as Polly takes the place of Node's client in its own.
import { once } from "node:events";
import http from "node:http";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { gzipSync } from "node:zlib";

// A server in front of `target`, as an address; `kind` says what it does to answers of Graph.
export async function front(target, kind) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { target, kind } });
  worker.unref();
  const [port] = await once(worker, "message");
  return `http://127.0.0.1:${port}`;
}

let answered = 0;

const ANSWERS = {
  gzip(response, status, headers, body) {
    if (body.length === 0) return whole(response, status, headers, body);
    const packed = gzipSync(body);
    return whole(response, status, { ...headers, "content-encoding": "gzip" }, packed);
  },
  cut(response, status, headers, body) {
    answered += 1;
    if (answered % 2 === 0) return whole(response, status, headers, body);
    response.writeHead(status, { ...headers, "content-length": body.length });
    // The half that was sent is there before the connection ends.
    return response.write(body.subarray(0, body.length / 2), () =>
      setTimeout(() => response.socket?.destroy(), 100),
    );
  },
};

function whole(response, status, headers, body) {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}

async function serve({ target, kind }) {
  const server = http.createServer(async (request, response) => {
    const headers = { ...request.headers };
    delete headers.host;
    const asked = http.request(target + request.url, { method: request.method, headers });
    asked.end(await body(request));
    const [answer] = await once(asked, "response");
    const given = { ...answer.headers };
    delete given["transfer-encoding"];
    delete given.connection;
    const answers = request.url.startsWith("/v1.0/") ? ANSWERS[kind] : whole;
    answers(response, answer.statusCode, given, await body(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  parentPort.postMessage(server.address().port);
}

async function body(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

if (!isMainThread) await serve(workerData);
