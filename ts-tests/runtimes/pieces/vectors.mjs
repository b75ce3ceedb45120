// Reads all vectors, which were written by hand from the platforms' documents and are shared by the tests of all languages.
import { readdir, readFile } from "node:fs/promises";
import { parseExactJson } from "../comparison.mjs";

const FOLDER = new URL("../../../tests/vectors/", import.meta.url);

/** Returns `{ platforms: [{ provider, requests, pushes }], signatures }`. */
export async function readAllVectors() {
  const files = (await readdir(FOLDER)).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, FOLDER), "utf8")));
  const platforms = texts.flatMap((text) => {
    const { provider, requests, pushes } = JSON.parse(text);
    if (provider === undefined) return [];
    const exact = parseExactJson(text);
    return [{ provider, requests: requests.map((vector, index) => ({ ...vector, request: exact.requests[index].request })), pushes }];
  });
  const signatures = JSON.parse(texts[files.indexOf("signatures.json")]);
  if (platforms.length < 5 || signatures.length < 15) throw new Error(`vectors are missing in ${FOLDER.pathname}`);
  return { platforms, signatures };
}
