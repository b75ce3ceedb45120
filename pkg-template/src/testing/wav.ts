/** The size of a WAV file of this length: 8 kHz, 8 bits, mono. */
export function computeWavLength(seconds: number): number {
  return HEADER_BYTES + seconds * RATE;
}

/** Streams a playable WAV file. It is generated while it is read: an hour takes no more memory than a second. */
export function createWavStream(seconds: number): ReadableStream<Uint8Array> {
  const tune = createMelody();
  let left = seconds * RATE;
  let at = 0;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(createHeader(left));
      if (left === 0) controller.close();
    },
    pull(controller) {
      const part = tune.slice(at, Math.min(tune.length, at + CHUNK, at + left));
      at = (at + part.length) % tune.length;
      left -= part.length;
      controller.enqueue(part);
      if (left === 0) controller.close();
    },
  });
}

const RATE = 8000;
const HEADER_BYTES = 44;
const CHUNK = 16_384;

function createHeader(samples: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string): void => bytes.set(new TextEncoder().encode(text), at);
  word(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + samples, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE, true); // bytes per second
  view.setUint16(32, 1, true); // bytes per sample
  view.setUint16(34, 8, true); // bits
  word(36, "data");
  view.setUint32(40, samples, true);
  return bytes;
}

let played: Uint8Array | undefined;

/** A few soft notes, computed once. */
function createMelody(): Uint8Array {
  played ??= Uint8Array.from({ length: NOTES.length * NOTE }, (_, sample) => {
    const [note, within] = [Math.floor(sample / NOTE), sample % NOTE];
    const swell = Math.sin((Math.PI * within) / NOTE);
    return 128 + Math.round(52 * swell * Math.sin((2 * Math.PI * (NOTES[note] ?? 0) * within) / RATE));
  });
  return played;
}

/** Frequencies in Hertz; 0 is a rest. */
const NOTES = [440, 554, 659, 554, 440, 330, 440, 0];
/** Samples per note. */
const NOTE = RATE * 0.35;
