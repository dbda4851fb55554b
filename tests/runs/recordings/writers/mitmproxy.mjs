// mitmproxy as a reverse proxy; MITMDUMP is its program.
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { make } from "./steps.mjs";

export async function mitmproxy({ record, roots, directory }) {
  for (const [mode, root] of Object.entries(await roots())) {
    const { path, run } = await record("mitmproxy", mode);
    const port = await free();
    const options = ["--set", `hardump=${path}`, "--set", `confdir=${directory}`, "--set", "connection_strategy=lazy"];
    const proxy = spawn(
      process.env.MITMDUMP,
      ["--quiet", "--listen-host", "127.0.0.1", "--listen-port", port, "--mode", `reverse:${root}`, ...options],
      { stdio: "ignore" },
    );
    const ended = once(proxy, "exit");
    try {
      await listening(port);
      await make(run, `http://127.0.0.1:${port}`, async (method, url, headers, body) =>
        (await fetch(url, { method, headers, body })).text(),
      );
    } finally {
      // It writes the file when it ends.
      proxy.kill("SIGTERM");
      await ended;
    }
  }
}

async function free() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

async function listening(port) {
  for (let tries = 0; tries < 300; tries += 1) {
    const socket = net.connect(Number(port), "127.0.0.1");
    const connected = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("mitmdump does not listen");
}
