// The page of the import map, in headless Firefox.
import { reportOf } from "../pieces/programs.mjs";
import { onSite } from "./import-map.mjs";

export async function run({ row, directory, tools }) {
  const report = async ({ site }) => {
    const opened = reportOf(tools.node(row.options.node), [tools.beside("all/firefox-host.mjs"), tools.browser("firefox"), site.address], { cwd: directory });
    const [{ version }, { checks }] = await Promise.all([opened, site.report]);
    return { version, checks };
  };
  return onSite({ row, directory, report });
}
