/** Whether `cargo xtask test --skip` does without this runtime. */
export function isSkipped(runtime: string): boolean {
  return (process.env["RINGBACK_SKIP"] ?? "").split(",").includes(runtime);
}
