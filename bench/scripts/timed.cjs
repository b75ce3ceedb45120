// The time that the script named last takes, its requires included, and where it exports a promise, until that is settled: by the
// clock, and the processor's, in milliseconds.
const start = performance.now();
const before = process.cpuUsage();
Promise.resolve(require(process.argv[2])).then(() => {
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ wall: performance.now() - start, processor: (user + system) / 1000 }));
});
