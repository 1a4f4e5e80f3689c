/**
 * The first 32 bits of SHA-256 (FIPS 180-4) of texts that begin alike, for the work of a challenge. By hand, because browsers have theirs only behind
 * HTTPS and a phone in the same network comes without; and what begins alike is hashed once.
 */

const primes: number[] = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);

const fraction = (value: number): number => Math.floor((value - Math.floor(value)) * 0x1_0000_0000) | 0;
const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const startState = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));
const schedule = new Int32Array(64);

function compress(state: Int32Array, bytes: Uint8Array, start: number): void {
  for (let n = 0; n < 16; n++) {
    const at = start + 4 * n;
    schedule[n] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let n = 16; n < 64; n++) {
    const [late, early] = [schedule[n - 2]!, schedule[n - 15]!];
    const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    schedule[n] = (sigma1 + schedule[n - 7]! + sigma0 + schedule[n - 16]!) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let n = 0; n < 64; n++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const one = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + constants[n]! + schedule[n]!) | 0;
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
  state[5] = (state[5]! + f) | 0;
  state[6] = (state[6]! + g) | 0;
  state[7] = (state[7]! + h) | 0;
}

const blockBytes = 64;

/** Of ASCII alone. Answers the first 32 bits of the hash of start and end, as a number without sign. */
export function hashesFrom(start: string): (end: string) => number {
  const whole = Math.floor(start.length / blockBytes) * blockBytes;
  const begun = Int32Array.from(startState);
  const startBytes = asciiOf(start);
  for (let at = 0; at < whole; at += blockBytes) compress(begun, startBytes, at);

  return (end) => {
    const rest = asciiOf(start.slice(whole) + end);
    // What is hashed ends in a 1 and its length in bits.
    const padded = new Uint8Array(Math.ceil((rest.length + 9) / blockBytes) * blockBytes);
    padded.set(rest);
    padded[rest.length] = 0x80;
    new DataView(padded.buffer).setUint32(padded.length - 4, (whole + rest.length) * 8);
    const state = Int32Array.from(begun);
    for (let at = 0; at < padded.length; at += blockBytes) compress(state, padded, at);
    return state[0]! >>> 0;
  };
}

function asciiOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n++) bytes[n] = text.charCodeAt(n);
  return bytes;
}
