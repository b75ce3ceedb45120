/**
 * A short recording: two voices' worth of soft tones at 8 kHz, 8 bits, mono, so that a player has something to play.
 *
 * @returns {Buffer} A complete WAV file.
 */
export function recordingTone() {
  const rate = 8000;
  const notes = [440, 554, 659, 554, 440, 330, 440, 0];
  const samplesPerNote = rate * 0.35;
  const samples = Buffer.alloc(notes.length * samplesPerNote);
  notes.forEach((hertz, note) => {
    for (let sample = 0; sample < samplesPerNote; sample++) {
      const swell = Math.sin((Math.PI * sample) / samplesPerNote);
      samples[note * samplesPerNote + sample] = 128 + Math.round(52 * swell * Math.sin((2 * Math.PI * hertz * sample) / rate));
    }
  });

  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // one channel
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
