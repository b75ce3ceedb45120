import { tmpdir } from "node:os";
import { join } from "node:path";

const files = join(tmpdir(), `ringback-egg-${process.pid}`);

// The environments "csrf" and "parser" are for the tests: Egg's defaults, without the setting.
export default ({ env }) => ({
  keys: "invented-for-tests",

  // Platforms have no csrf token.
  ...(env !== "csrf" && { security: { csrf: { ignore: "/push" } } }),
  // For GBK, and for JSON with a mistake.
  ...(env !== "parser" && { bodyParser: { ignore: "/push" } }),

  // Your project needs neither of these.
  rundir: join(files, "run"),
  logger: { dir: join(files, "logs"), level: "NONE", consoleLevel: "NONE" },
});
