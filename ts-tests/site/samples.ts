// The samples of the READMEs and of the site's pages: fenced blocks of TypeScript and JavaScript, found, compiled and run as they are written.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import { findPlatform } from "../tests/support/platforms.js";

const TESTS = fileURLToPath(new URL("..", import.meta.url));
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DIRECTORY = join(ROOT, "target/samples");
const PRELOAD = pathToFileURL(fileURLToPath(new URL("sample-preload.mjs", import.meta.url))).href;

export interface Sample {
  /** The page, from the root of the repository. */
  readonly page: string;
  /** The line of its first line of code. */
  readonly line: number;
  readonly language: "ts" | "js";
  readonly code: string;
  /** Its file, from the directory of samples: the name in brackets after the language, or one made of its line. */
  readonly file: string;
}

/** Lists the pages that contain samples; the API reference is generated from comments. */
export function listPages(): string[] {
  const isPage = (name: string): boolean => name.endsWith(".md") && !/(^|\/)(node_modules|reference)\//.test(name);
  const docs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map((name) => `docs/${name.replaceAll("\\", "/")}`);
  const examples = readdirSync(join(ROOT, "examples")).map((name) => `examples/${name}/README.md`);
  return ["README.md", "README.zh-CN.md", ...docs, ...examples].filter((name) => isPage(name) && existsSync(join(ROOT, name))).sort();
}

const FENCE = /^( *)```(ts|js)(?!\w)( fragment)?(?: *\[([\w./-]+)\])?[^\n]*\n([\s\S]*?)^\1```$/gm;

/** Lists the samples of all pages, and counts the blocks that are marked as fragments. */
export function listSamples(): { samples: Sample[]; fragments: number } {
  const samples: Sample[] = [];
  let fragments = 0;
  for (const page of listPages()) {
    const text = readFileSync(join(ROOT, page), "utf8");
    for (const { 1: indent = "", 2: language, 3: fragment, 4: name, 5: body = "", index } of text.matchAll(FENCE)) {
      if (fragment !== undefined) {
        fragments += 1;
        continue;
      }
      const code = body.replaceAll(new RegExp(`^${indent}`, "gm"), "");
      const line = text.slice(0, index).split("\n").length + 1;
      const isCommonJs = language === "js" && /\brequire\(|\bmodule\.exports\b|^exports\./m.test(code) && !/^import /m.test(code);
      const own = `line-${line}.${isCommonJs ? "cjs" : language}`;
      samples.push({ page, line, language: language as Sample["language"], code, file: join(page.replace(/\.md$/, ""), name ?? own) });
    }
  }
  return { samples, fragments };
}

const STRICT = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  target: "es2022",
  lib: ["es2023"],
  types: ["node"],
  module: "nodenext",
  moduleDetection: "force",
  resolveJsonModule: true,
  skipLibCheck: false,
};

/** Writes each sample to a file of its own, where it finds the packages of the tests. */
export function writeSamples(samples: readonly Sample[]): void {
  rmSync(DIRECTORY, { recursive: true, force: true });
  for (const { file, code } of samples) write(join("written", file), code);
  for (const { file, code } of samples) {
    // Node.js 20 runs no TypeScript.
    if (file.endsWith(".ts")) write(join("run", file.replace(/\.ts$/, ".js")), transformSync(code, { loader: "ts", format: "esm", target: "es2022" }).code);
    else write(join("run", file), code);
  }
  for (const folder of ["written", "run"]) write(join(folder, "package.json"), '{ "type": "module" }\n');
  // JavaScript is checked as an editor does it: by the same types, without annotations.
  write("written/tsconfig.ts.json", JSON.stringify({ compilerOptions: STRICT, include: ["**/*.ts"] }));
  write("written/tsconfig.js.json", JSON.stringify({ compilerOptions: { ...STRICT, allowJs: true, checkJs: true, noImplicitAny: false, strictNullChecks: false, exactOptionalPropertyTypes: false, skipLibCheck: true }, include: ["**/*.js", "**/*.cjs"] }));
  symlinkSync(join(TESTS, "node_modules"), join(DIRECTORY, "node_modules"), "junction");
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(DIRECTORY, file)), { recursive: true });
  writeFileSync(join(DIRECTORY, file), text);
}

/** Compiles the written samples of a language, and returns the errors with the places in the pages. */
export async function compileSamples(samples: readonly Sample[], compiler: string, language: Sample["language"]): Promise<string[]> {
  const tsc = join(TESTS, "node_modules", compiler, "bin/tsc");
  const output = await execute([tsc, "-p", `tsconfig.${language}.json`, "--pretty", "false"], join(DIRECTORY, "written"));
  const found = output.printed.split("\n").filter((line) => line.trim() !== "");
  // Declarations of two frameworks' packages need not fit each other; those of this package must be right.
  const lines = found.filter((line) => !/^\S*node_modules\/(?!ringback\/)/.test(line));
  if (output.code !== 0 && found.length === 0) throw new Error(`${compiler} failed without an error`);
  return lines.map((line) => {
    const [, file, at, , text] = /^(.+?)\((\d+),(\d+)\): (.*)$/.exec(line) ?? [];
    const sample = samples.find((candidate) => candidate.file === file);
    return sample === undefined ? line : `${sample.page}:${sample.line + Number(at) - 1}: ${text}`;
  });
}

/** Packages that need a service or a program of their own. */
const NEEDS: Record<string, string> = {
  pg: "PostgreSQL",
  "mysql2/promise": "MySQL",
  "better-sqlite3": "a native module",
  amqplib: "RabbitMQ",
  redis: "Redis",
  vitest: "Vitest",
  "@jest/globals": "Jest",
  vue: "a browser",
};

/** Returns the reason why a sample cannot run here, or undefined if it can. */
export function findObstacle({ code }: Sample): string | undefined {
  const imported = [...code.matchAll(/(?:from|import|require\()\s*"([^"]+)"/g)].map(([, name = ""]) => name);
  const service = imported.map((name) => NEEDS[name]).find((need) => need !== undefined);
  if (service !== undefined) return service;
  const missing = imported.find((name) => name.startsWith("cloudflare:"));
  return missing === undefined ? undefined : `the module ${missing}`;
}

/** Made-up credentials; the simulators of the preload have the same ones. */
const CREDENTIALS: Record<string, string> = {
  APP_KEY: "sample-key",
  APP_ID: "1696054309969104898",
  APP_SECRET: "sample-secret",
  ACCOUNT_SID: "sample-account",
  CUSTOMER_ID: "sample-customer",
};

/** Invents a value for a variable that a sample reads from the environment. */
function inventValue(name: string, provider: string): string {
  if (name.endsWith("TOKEN")) return createHash("sha256").update(name).digest("hex");
  if (name === "PUSH_URL") return "https://crm.example.com/push/t-8f3c1e07b94d62a5f0d7c3916be2845a";
  if (name.endsWith("_HOST")) return "storage.example.com";
  // The credentials of a second account, which the sample does not use.
  if (Object.keys(CREDENTIALS).some((known) => name.endsWith(`_${known}`))) return createHash("sha256").update(name).digest("hex").slice(0, 20);
  return CREDENTIALS[name] ?? `https://${provider}.simulated.example`;
}

/** Two pushes, in a file that samples read. */
const PUSHES = [1, 2].map((id) => findPlatform("mixcom").push(`call-${id}`)).join("\n");

/** Runs a sample in a process of its own, whose requests to platforms go to simulators. Returns what is wrong, or undefined. */
export async function runSample(sample: Sample): Promise<string | undefined> {
  const file = join(DIRECTORY, "run", sample.file.replace(/\.ts$/, ".js"));
  const provider = /provider: "(\w+)"/.exec(sample.code)?.[1] ?? "mixcom";
  // Of the whole page, because a sample may import another one of it.
  const variables = readFileSync(join(ROOT, sample.page), "utf8").match(/\b[A-Z][A-Z\d]*_[A-Z\d_]+\b/g) ?? [];
  const names = [...Object.keys(CREDENTIALS), "BASE_URL", ...variables];
  const invented = Object.fromEntries(names.map((name) => [name, inventValue(name, provider)]));
  const directory = mkdtempSync(join(tmpdir(), "ringback-sample-"));
  writeFileSync(join(directory, "pushes.ndjson"), `${PUSHES}\n`);
  try {
    const { code, printed } = await execute(["--import", PRELOAD, file], directory, { ...process.env, ...invented, NO_COLOR: "1", NODE_OPTIONS: "" });
    return code === 0 ? undefined : `${sample.page}:${sample.line} ended with ${code}:\n${printed.trim().split("\n").slice(0, 12).join("\n")}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function execute(command: string[], cwd: string, env: NodeJS.ProcessEnv = process.env): Promise<{ code: number | string; printed: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd, env, timeout: 90_000, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? "no code"), printed: stdout + stderr });
    });
  });
}
