"use strict";
// What Node-RED loads. It is CommonJS, because Node-RED 4 calls `require`; the component's ES
// module is loaded by the worker.

const actions = require("./actions.json");
const registerAction = require("./action");
const registerConnection = require("./connection");

module.exports = (RED) => {
  registerConnection(RED);
  for (const action of actions) registerAction(RED, action);
};
