const { receive } = require("./receive.cjs"); // exports.receive = createReceiver({ … })

exports.main_handler = async (event) => {
  const { httpMethod: method, path, queryString, headers, body, isBase64Encoded, requestContext } = event;
  const request = new Request(`https://scf.invalid${path}?${new URLSearchParams(queryString)}`, { method, headers });
  const response = await receive(request, {
    remoteAddress: requestContext?.sourceIp ?? headers["x-scf-remote-addr"],
    body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"),
  });
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), isBase64Encoded: false, body: await response.text() };
};
