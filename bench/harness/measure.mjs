// A group: { title, unit, rounds, subjects, note?, baseline?, reference?, rows?, once?, extra? }
//   subjects   { name: sample }, where sample() returns (or resolves to) one number, or an object of numbers for several lines
//   baseline   the subject that is subtracted from the others
//   reference  the subject that the others are divided by
//   rows       lines of the table at the end: { row, subject, part: "ratio" | "over" | "whole", least or most }; the ratio is that of the
//              subject to the reference, in each round; `least` or `most` is our goal
//   once       true: no warm-up rounds
//   extra      true: measured only where a word of the command line asks for it

const WARM_UP_ROUNDS = 2;

/**
 * Each round takes one sample of each subject, in a random order, so that other load on the machine affects all of them alike. The
 * differences to the baseline are taken within a round.
 */
export async function measured(group, rounds) {
  const samples = new Map();
  for (let round = group.once ? 0 : -WARM_UP_ROUNDS; round < rounds; round++) {
    const taken = new Map();
    for (const [name, sample] of shuffled(Object.entries(group.subjects))) {
      const value = await sample();
      for (const [line, number] of typeof value === "number" ? [[name, value]] : Object.entries(value)) taken.set(line, number);
    }
    if (round < 0) continue;
    for (const [line, number] of taken) {
      if (!samples.has(line)) samples.set(line, { whole: [], over: [] });
      samples.get(line).whole.push(number);
      if (group.baseline !== undefined) samples.get(line).over.push(number - taken.get(group.baseline));
    }
  }
  return summed(group, samples);
}

function summed(group, samples) {
  const subjectsFirst = [...Object.keys(group.subjects).filter((name) => samples.has(name)), ...samples.keys()];
  const results = [...new Set(subjectsFirst)].map((name) => {
    const { whole, over } = samples.get(name);
    return { name, whole: spread(whole), ...(group.baseline !== undefined && name !== group.baseline && { over: spread(over) }) };
  });
  const reference = results.find(({ name }) => name === group.reference);
  return results.map((result) => ({ ...result, ...ratio(result, reference, samples) }));
}

/** The ratio within each round, as differences are. */
function ratio(result, reference, samples) {
  if (reference === undefined) return {};
  const part = reference.over === undefined ? "whole" : "over";
  if (result[part] === undefined) return {};
  const [mine, theirs] = [samples.get(result.name)[part], samples.get(reference.name)[part]];
  const ratios = spread(mine.map((number, round) => number / theirs[round]));
  return { ratio: ratios.median, ratios };
}

function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)];
    return below + (sorted[Math.ceil(place)] - below) * (place % 1);
  };
  return { least: sorted[0], quartile1: at(0.25), median: at(0.5), quartile3: at(0.75) };
}

function shuffled(list) {
  const order = [...list];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
