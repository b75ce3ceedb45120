// Compares a vector with a result. This module works in every runtime.

/** Parses JSON without losing digits: long integers, which a JavaScript number cannot hold, become marked text. */
export function parseExactJson(text) {
  const marked = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) => (token.startsWith('"') ? token : `"integer ${token}"`));
  return JSON.parse(marked);
}

/** Decodes the fields of a prepared request with other libraries, not with the code that wrote it. */
export function decodeFields({ url, body = "" }, encoding) {
  switch (encoding) {
    case "form":
      return parseForm(body);
    case "query":
      return parseForm(new URL(url).search);
    case "json":
      return parseExactJson(body);
    case "multipart":
      return parseMultipart(body);
    case "none":
      return {};
    default:
      throw new Error(`unknown encoding in a vector: ${encoding}`);
  }
}

/** Lists the differences between a result and the expected keys; null means absent. `exact` allows no other keys. */
export function listDifferences(expected, found, exact, path = "") {
  if (isObject(expected) && isObject(found)) {
    const missing = Object.keys(expected).flatMap((key) => listDifferences(expected[key], found[key] ?? null, exact, `${path}.${key}`));
    const extra = exact ? Object.keys(found).filter((key) => !(key in expected)) : [];
    return [...missing, ...extra.map((key) => `${path}.${key} is there, unexpected: ${JSON.stringify(found[key])}`)];
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    return expected.flatMap((item, index) => listDifferences(item, found[index], exact, `${path}[${index}]`));
  }
  if (expected === "@digest" && typeof found === "string" && found.includes(":digest-")) return [];
  return expected === (found ?? null) ? [] : [`${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`];
}

function parseForm(text) {
  const pairs = [...new URLSearchParams(text)];
  const fields = Object.fromEntries(pairs);
  // A field that is sent twice does not match the document.
  if (pairs.length !== Object.keys(fields).length) throw new Error(`a field is repeated in ${text}`);
  return fields;
}

function parseMultipart(body) {
  const boundary = body.slice(0, body.indexOf("\r\n"));
  const parts = body.split(boundary).filter((part) => part.includes("\r\n\r\n"));
  return Object.fromEntries(
    parts.map((part) => {
      const [head = "", value = ""] = part.split("\r\n\r\n");
      return [/name="([^"]*)"/.exec(head)?.[1] ?? "", value.replace(/\r\n$/, "")];
    }),
  );
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
