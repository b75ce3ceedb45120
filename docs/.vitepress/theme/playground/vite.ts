// Vite's settings for the playground, which runs the packed package and shares sources with the command line.
import { fileURLToPath } from "node:url";
import type { UserConfig } from "vite";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

export const playgroundVite: UserConfig = {
  // The shared sources import the package by its name, too, and get the one that is installed beside the pages.
  resolve: { dedupe: ["ringback"] },
  // Prebundled, the package would not find its wasm.
  optimizeDeps: { exclude: ["ringback"] },
  // Without it the development server refuses files outside docs/.
  server: { fs: { allow: [root] } },
};
