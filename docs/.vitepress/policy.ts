// The content security policy of every page. The pages form one application, so a policy on the playground alone would not hold for a reader who
// comes to it from another page.
import { createHash } from "node:crypto";

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

/** Adds the policy to a page. Only the scripts that the page contains may run, and nothing may be fetched from another host. */
export function addPolicy(html: string): string {
  const scripts = [...html.matchAll(INLINE_SCRIPT)].map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  const directives = [
    "default-src 'self'",
    `script-src 'self' 'wasm-unsafe-eval' ${[...new Set(scripts)].join(" ")}`.trim(),
    // Shiki colours code by style attributes, for which there are no hashes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return html.replace(/<meta charset="[^"]*">/, (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${directives.join("; ")}">`);
}
