// The time that the script named last takes, its imports included: by the clock, and the processor's, in milliseconds.
import { pathToFileURL } from "node:url";

const script = pathToFileURL(process.argv[2]);
const start = performance.now();
const before = process.cpuUsage();
await import(script);
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ wall: performance.now() - start, processor: (user + system) / 1000 }));
