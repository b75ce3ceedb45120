// Tests the handlers of cloud functions that docs/frameworks.md shows, with the events that the platforms' documents publish.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { PUSHES } from "./pushes.ts";

interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  isBase64Encoded: boolean;
  body: string;
}

interface Kept {
  key: string;
  message?: string;
  query?: string;
}

const require = createRequire(import.meta.url);
const FOLDER = "../projects/functions/";
const { kept, refused } = require(`${FOLDER}receive.cjs`) as { kept: Kept[]; refused: { reason: string; remoteAddress?: string }[] };
const fc = require(`${FOLDER}aliyun-fc.cjs`) as { handler(event: Uint8Array, context: object): Promise<Answer> };
const scf = require(`${FOLDER}tencent-scf.cjs`) as { main_handler(event: object, context: object): Promise<Answer> };
const edgeone = (await import(/* @vite-ignore */ new URL(`${FOLDER}edgeone.mjs`, import.meta.url).href)) as { onRequest(context: { request: Request }): Promise<Response> };

afterEach(() => {
  kept.length = 0;
  refused.length = 0;
});

/** A request, which each platform puts into its own event. */
interface Sent {
  method?: string;
  path: string;
  query?: Record<string, string>;
  type?: string;
  body?: string | Uint8Array;
}

const encode = (body: string | Uint8Array | undefined): { body?: string; isBase64Encoded: boolean } =>
  body === undefined ? { isBase64Encoded: false } : typeof body === "string" ? { body, isBase64Encoded: false } : { body: Buffer.from(body).toString("base64"), isBase64Encoded: true };

/** 函数计算 3.0, HTTP 触发器调用函数 (help.aliyun.com/zh/functioncompute): the event of a built-in runtime, version v1, which Node gets as bytes. */
async function sendToFunctionCompute({ method = "POST", path, query = {}, type = "application/json", body }: Sent): Promise<Answer> {
  const event = {
    version: "v1",
    rawPath: path,
    ...encode(body),
    headers: { "Content-Type": type, Host: "example.cn-hangzhou.fcapp.run", "X-Forwarded-Proto": "https" },
    queryParameters: query,
    requestContext: {
      accountId: "123456*********",
      domainName: "example.cn-hangzhou.fcapp.run",
      domainPrefix: "example",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.9", userAgent: "PostmanRuntime/7.32.3" },
      requestId: "1-64f6cd87-*************",
      time: "2023-09-05T06:41:11Z",
      timeEpoch: "1693896071895",
    },
  };
  return fc.handler(Buffer.from(JSON.stringify(event)), {});
}

/** 云函数, 函数 URL 概述 (cloud.tencent.com/document/product/583/96099): the event of an event function. */
const sendToFunctionUrl = ({ method = "POST", path, query = {}, type = "application/json", body }: Sent): Promise<Answer> =>
  scf.main_handler(
    {
      ...(body !== undefined && { body: String(body) }),
      headers: { accept: "*/*", "accept-encoding": "gzip, deflate, br", "cache-control": "no-cache", connection: "keep-alive", "content-type": type, "x-scf-remote-addr": "203.0.113.9" },
      httpMethod: method,
      path,
      queryString: query,
    },
    {},
  );

/** 云函数, API 网关触发器的集成请求事件消息结构 (cloud.tencent.com/document/product/583/31927). The sender may write any header. */
const sendToApiGateway = ({ method = "POST", path, query = {}, type = "application/json", body }: Sent): Promise<Answer> =>
  scf.main_handler(
    {
      requestContext: { serviceId: "service-f94sy04v", path: "/push/{path}", httpMethod: method, requestId: "c6af9ac6-****-****-9a41-93e8deadbeef", identity: {}, sourceIp: "203.0.113.9", stage: "release" },
      headers: { "Accept-Language": "en-US,en,cn", "Content-Type": type, Host: "service-3ei3tii4-251000691.ap-guangzhou.apigateway.myqloud.com", "x-scf-remote-addr": "198.51.100.1" },
      ...encode(body),
      pathParameters: { path: "value" },
      queryStringParameters: {},
      headerParameters: { Refer: "10.0.2.14" },
      stageVariables: { stage: "release" },
      path,
      queryString: query,
      httpMethod: method,
    },
    {},
  );

/** EdgeOne Pages, Functions (edgeone.ai/document/162227908259442688) and 获取客户端 IP (cloud.tencent.com/document/product/1552/101774). */
async function sendToEdgeOne({ method = "POST", path, query = {}, type = "application/json", body }: Sent): Promise<Answer> {
  const request = new Request(`https://crm.example${path}?${new URLSearchParams(query)}`, { method, headers: { "content-type": type }, ...(body !== undefined && { body: Buffer.from(body) }) });
  const response = await edgeone.onRequest({ request: Object.assign(request, { eo: { clientIp: "203.0.113.9" } }) });
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), isBase64Encoded: false, body: await response.text() };
}

// 拒接 in GBK.
const GBK = Buffer.concat([Buffer.from('{"subid":"c-gbk","status":2,"unaswRsn":"'), Buffer.from([0xbe, 0xdc, 0xbd, 0xd3]), Buffer.from('"}')]);

describe.each([
  { name: "Aliyun Function Compute 3.0", sendTo: sendToFunctionCompute, takesBytes: true },
  { name: "Tencent SCF, function URL", sendTo: sendToFunctionUrl, takesBytes: false },
  { name: "Tencent SCF, API gateway", sendTo: sendToApiGateway, takesBytes: true },
  { name: "EdgeOne Pages Functions", sendTo: sendToEdgeOne, takesBytes: true },
])("$name", ({ sendTo, takesBytes }) => {
  const findPath = (provider: string): string => `/push/${provider}-Vx3f0Qm9T7yUe2LkR8sZpA1c`;

  test.each(PUSHES.map((each) => [each.provider, each] as const))("a push of %s is acknowledged byte for byte, or not if it is not kept", async (provider, { push, ack, nack }) => {
    const answer = await sendTo({ path: findPath(provider), body: push("c-1") });
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false, body: ack });
    expect(answer.headers["content-type"]).toMatch(ack.startsWith("{") ? /^application\/json\b/ : /^text\/plain\b/);
    expect(kept.map(({ key }) => key)).toEqual([`${provider}:c-1`]);
    expect(await sendTo({ path: findPath(provider), body: push("fails") })).toMatchObject({ statusCode: 500, body: nack });
  });

  test("a long id keeps its digits, and the query arrives", async () => {
    await sendTo({ path: findPath("dingxin"), query: { reference: "order/1" }, body: '{"subid":1287547165745325390,"status":1}' });
    expect(kept).toMatchObject([{ key: "dingxin:1287547165745325390", query: "reference=order%2F1" }]);
  });

  test("a push in the query of a GET is kept", async () => {
    const query = JSON.parse(PUSHES[0]?.push("c-get") ?? "") as Record<string, string>;
    expect(await sendTo({ method: "GET", path: findPath("mixcom"), query })).toMatchObject({ statusCode: 200, body: '{"code":200}' });
    expect(kept).toMatchObject([{ key: "mixcom:c-get" }]);
  });

  test("GET tests the address, and a wrong token gets 404 and is reported with the sender's address", async () => {
    expect((await sendTo({ method: "GET", path: findPath("mixcom") })).statusCode).toBe(200);
    expect((await sendTo({ path: "/push/nobody", body: "{}" })).statusCode).toBe(404);
    expect(refused).toMatchObject([{ remoteAddress: "203.0.113.9" }]);
  });

  if (takesBytes) {
    test("a body in GBK keeps its characters", async () => {
      expect((await sendTo({ path: findPath("dingxin"), body: GBK })).statusCode).toBe(200);
      expect(kept).toMatchObject([{ key: "dingxin:c-gbk", message: "拒接" }]);
    });
  }
});

test.each([
  ["Function Compute's event", Buffer.from('{"version":"v1","rawPath":"/push"}')],
  ["SCF's event", { httpMethod: "POST", path: "/push", headers: {}, body: "{}" }],
])("%s instead of a Request is refused with what to do, and the result cannot become an answer", async (_, event) => {
  const { receive } = require(`${FOLDER}receive.cjs`) as { receive(event: unknown, context: object): Promise<Response> };
  const response = await receive(event, {});
  expect(response.status).toBe(500);
  expect(refused).toMatchObject([{ reason: expect.stringContaining("in a cloud function make a Request of the event: docs/frameworks.md") }]);
  // Both platforms write what a handler returns as JSON.
  expect(() => JSON.stringify(response)).toThrow();
});

test.each(["frameworks.md", "zh/frameworks.md"])("docs/%s shows these handlers", (page) => {
  const text = readFileSync(fileURLToPath(new URL(`../../../docs/${page}`, import.meta.url)), "utf8");
  // The page creates its receiver beside the handler, and EdgeOne's handler has types there.
  for (const [file, start] of [["aliyun-fc.cjs", "exports.handler ="], ["tencent-scf.cjs", "exports.main_handler ="], ["edgeone.mjs", "receive(request, {"]] as const) {
    const handler = readFileSync(fileURLToPath(new URL(`${FOLDER}${file}`, import.meta.url)), "utf8");
    expect(handler).toContain(start);
    expect(text).toContain(handler.slice(handler.indexOf(start)));
  }
});
