/** Checks whether `cargo xtask test --skip` names this runtime. */
export function isSkipped(runtime: string): boolean {
  return (process.env["RINGBACK_SKIP"] ?? "").split(",").includes(runtime);
}
