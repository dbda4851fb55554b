"use strict";
// The connection node: where actions run, and as whom.

const workers = require("./workers");
const server = require("./server");
const settings = require("./settings");
const { SignIn } = require("./sign-in");
const { configuration } = require("./failure");

/** What an action without a connection runs on: the component, which can reach nothing. */
const NONE = { run: (call) => inNodeRed(call) };

module.exports = (RED) => {
  function Connection(config) {
    RED.nodes.createNode(this, config);
    const credentials = this.credentials ?? {};
    const runs = new Set();
    let signIn;
    // Node-RED keeps the new credentials when flows are deployed next.
    const keep = (refreshToken) => RED.nodes.addCredentials(this.id, { ...credentials, refreshToken });

    const start = async (call) => {
      if (settings.runsOn(config) === "server") {
        const own = settings.onServer(config, credentials);
        call.started();
        return server.run({ settings: own, ...call });
      }
      const own = settings.inNodeRed(config, credentials);
      signIn ??= new SignIn(own, keep);
      return inNodeRed({ ...call, settings: own, id: this.id, signIn });
    };
    this.run = (call) => {
      const run = start(call);
      runs.add(run);
      const done = () => runs.delete(run);
      run.then(done, done);
      return run;
    };
    // A run that has begun ends by itself; Node-RED waits for it, for 15 seconds at most.
    this.on("close", (done) => Promise.allSettled(runs).then(() => done()));
  }

  RED.nodes.registerType("office365-connection", Connection, {
    credentials: {
      clientSecret: { type: "password" },
      refreshToken: { type: "password" },
      token: { type: "password" },
      serverKey: { type: "password" },
    },
  });
};

/** Runs an action in a worker of this process. */
async function inNodeRed({ settings: own, signIn, id, action, input, plan, started }) {
  if (plan) {
    throw configuration(
      "A plan needs o365 serve: the component in Node-RED can only run.",
      "Choose a connection that runs on o365 serve, or switch off the plan.",
    );
  }
  const connection = own && {
    graphUrl: own.graphUrl,
    tenant: own.tenant,
    sender: own.sender,
    access: own.access,
    timeLimitMs: own.timeLimitMs,
  };
  try {
    const result = await workers.run({
      action: action.name,
      calls: action.calls,
      input: action.connection ? { ...input, connectionId: id } : input,
      connection,
      authorize: async () => signIn?.authorization(),
      timeLimitMs: own?.timeLimitMs ?? 10_000,
      started,
    });
    return { result };
  } catch (error) {
    if (error.kind === "unauthorized") signIn?.forget();
    throw error;
  }
}

module.exports.NONE = NONE;
