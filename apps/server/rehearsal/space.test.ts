import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { assertSpace } from "./space.ts";

const mb = 2 ** 20;

test("a crowd that the disk does not take is refused in a sentence that says how much it takes", () => {
  expect(() => assertSpace(2_000_000, "/tmp", () => 3_000 * mb)).toThrow(
    "A crowd of 2000000 takes 3970 MB, and /tmp has 3000 MB free: name a folder with more by TMPDIR.",
  );
  assertSpace(2_000_000, "/tmp", () => 3_971 * mb);
  assertSpace(4_000, "/tmp", () => 72 * mb);
});

test("the disk is asked", () => {
  expect(() => assertSpace(2 ** 60, tmpdir())).toThrow(/has [1-9]\d* MB free/);
});
