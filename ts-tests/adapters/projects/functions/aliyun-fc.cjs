const { receive } = require("./receive.cjs"); // exports.receive = createReceiver({ … })

exports.handler = async (event) => {
  const { rawPath, queryParameters, headers, body, isBase64Encoded, requestContext } = JSON.parse(event);
  const { method, sourceIp } = requestContext.http;
  const request = new Request(`https://fc.invalid${rawPath}?${new URLSearchParams(queryParameters)}`, { method, headers });
  const response = await receive(request, {
    remoteAddress: sourceIp,
    body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"),
  });
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), isBase64Encoded: false, body: await response.text() };
};
