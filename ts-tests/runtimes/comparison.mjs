// How a vector is compared with what was found. Nothing here belongs to one runtime.

/** Each digit of a long integer counts; as a JavaScript number it would lose some. Such integers become text with a mark. */
export function exactJson(text) {
  const marked = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) => (token.startsWith('"') ? token : `"integer ${token}"`));
  return JSON.parse(marked);
}

/** What a prepared request carries, decoded by libraries of its own: not by the code that wrote it. */
export function fieldsOf({ url, body = "" }, encoding) {
  switch (encoding) {
    case "form":
      return form(body);
    case "query":
      return form(new URL(url).search);
    case "json":
      return exactJson(body);
    case "multipart":
      return multipart(body);
    case "none":
      return {};
    default:
      throw new Error(`a vector names the encoding ${encoding}`);
  }
}

/** Where what was found differs from what is expected, by the keys that are expected; null means absent. `exact` allows no other keys. */
export function differences(expected, found, exact, path = "") {
  if (isObject(expected) && isObject(found)) {
    const missing = Object.keys(expected).flatMap((key) => differences(expected[key], found[key] ?? null, exact, `${path}.${key}`));
    const extra = exact ? Object.keys(found).filter((key) => !(key in expected)) : [];
    return [...missing, ...extra.map((key) => `${path}.${key} is there, unexpected: ${JSON.stringify(found[key])}`)];
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    return expected.flatMap((item, index) => differences(item, found[index], exact, `${path}[${index}]`));
  }
  if (expected === "@digest" && typeof found === "string" && found.includes(":digest-")) return [];
  return expected === (found ?? null) ? [] : [`${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`];
}

function form(text) {
  const pairs = [...new URLSearchParams(text)];
  const fields = Object.fromEntries(pairs);
  // A field that is sent twice is not what the document says either.
  if (pairs.length !== Object.keys(fields).length) throw new Error(`a field is repeated in ${text}`);
  return fields;
}

function multipart(body) {
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
