/** The work of a challenge, as a browser does it by hand. */
import { expect, test } from "bun:test";
import { workOn } from "./challenge.ts";
import { hashesFrom } from "./sha256.ts";

test("hashes by hand are those of SHA-256, whatever the lengths", () => {
  for (let length = 0; length < 200; length++) {
    const [start, end] = ["c".repeat(length), String(length * 7_919)];
    const digest = new Bun.CryptoHasher("sha256").update(start + end).digest();
    expect([length, hashesFrom(start)(end)]).toEqual([length, digest.readUInt32BE(0)]);
  }
});

test("what was worked out is what the platform asks for, and the page goes on meanwhile", async () => {
  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  for (const bits of [1, 8, 15]) {
    const challenge = `someid.purchase.${bits}.1800000000000.${"0f".repeat(32)}`;
    const answer = await workOn(challenge, bits);
    const digest = new Bun.CryptoHasher("sha256").update(`${challenge}.${answer}`).digest();
    expect(Math.clz32(digest.readUInt32BE(0))).toBeGreaterThanOrEqual(bits);
    expect(answer).toMatch(/^\d{1,40}$/);
  }
  // Long enough that it cannot be done in one slice on any machine.
  for (let n = 0; n < 8 && turns === 0; n++) await workOn(`more ${n}.${"0f".repeat(32)}`, 15);
  clearInterval(turning);
  expect(turns).toBeGreaterThan(0);
});
