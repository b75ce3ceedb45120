// Runs the page with the import map in headless Firefox.
import { runReportingProgram } from "../pieces/programs.mjs";
import { runOnSite } from "./import-map.mjs";

export async function run({ row, directory, tools }) {
  const report = async ({ site }) => {
    const opened = runReportingProgram(tools.node(row.options.node), [tools.beside("all/firefox-host.mjs"), tools.browser("firefox"), site.address], { cwd: directory });
    const [{ version }, { checks }] = await Promise.all([opened, site.report]);
    return { version, checks };
  };
  return runOnSite({ row, directory, report });
}
