// A group: { title, unit, rounds, subjects, note?, baseline?, reference?, targets? }
//   subjects   { name: sample }, where sample() gives (or resolves to) one number, or an object of numbers for several lines
//   baseline   the name that the others are counted over
//   reference  the name that the others' ratio is to
//   targets    [{ subject, most }]: what `subject` should be over the baseline at most; shown, never a failure
//   rows       lines of the table at the end: { row, subject, part: "ratio" | "over" | "whole", least or most }; the ratio is the subject's
//              to the reference's, in each round
//   once       true: no rounds before those that count
//   extra      true: only where a word asks for it

const WARM_UP_ROUNDS = 2;

/**
 * Each round takes one sample of each subject, in a random order: what else the machine does falls on all alike. The differences
 * to the baseline are taken within a round.
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

/** Taken within each round, as differences are. */
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
