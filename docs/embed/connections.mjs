// What the component asks of its host: the connections that the worker was given.

import { workerData } from 'node:worker_threads';

function find(id) {
  const connection = workerData.connections[id];
  // What is thrown is the error that the component gets.
  if (!connection) throw `there is no connection ${id}`;
  return connection;
}

export const describe = (id) => find(id);

export const authorization = (id) => `Bearer ${find(id).token}`;
