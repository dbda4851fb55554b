// The calls of a run, made by whatever client records them. STEPS has them as the component
// makes them: method, path below Graph's version root, and body. `{id}` in a path is the id in
// the answer before that has one.
export const STEPS = JSON.parse(process.env.STEPS);

// Makes the calls of a run by `send(method, url, headers, body)`, which gives the answer's
// text. A call that fails is recorded all the same.
export async function make(run, root, send) {
  const headers = { authorization: `Bearer ${process.env.TOKEN}` };
  let id = "";
  for (const { method, path, body } of STEPS[run]) {
    const url = `${root}/v1.0${path.replace("{id}", id)}`;
    const sent = body && JSON.stringify(body);
    const type = body && { "content-type": "application/json" };
    let text = "";
    try {
      text = await send(method, url, { ...headers, ...type }, sent);
    } catch (error) {
      // Of an answer that broke off; whatever else it is, the recording shows it.
      if (process.env.VERBOSE) console.error(run, method, url, error);
    }
    try {
      id = JSON.parse(text).id ?? id;
    } catch {
      // No JSON has no id.
    }
  }
}
