// The client of orval: with the URL of the server, and with the parameters that are headers.

const { DOCUMENT, CLIENT } = process.env;

export default {
  o365: {
    input: { target: DOCUMENT },
    output: {
      target: CLIENT,
      client: "fetch",
      headers: true,
      baseUrl: { getBaseUrlFromSpecification: true },
    },
  },
};
