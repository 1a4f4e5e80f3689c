/** The service that is practised with keeps the port's rules, and does what its numbers stand for. */
import { expect, test } from "bun:test";
import { ServiceUnavailable } from "@chepiao/contracts";
import { epochMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { identityVerifierSuite } from "@chepiao/ports/identity-verifier/identityVerifier.suite.ts";
import { createSandboxIdentity } from "./index.ts";

const anna = { name: "Anna Schmidt", documentType: "passport", documentNumber: "C01X00T47" } as const;
const numbered = (sequence: string) =>
  ({ name: "张伟", documentType: "residentId", documentNumber: `11009919900307${sequence}1` }) as const;

identityVerifierSuite("sandbox", () => {
  const clock = createManualClock(epochMs(0));
  const verifier = createSandboxIdentity({ clock, people: [anna] });
  let isAway = false;
  return {
    verifier: { verify: (identity) => verifier.verify(isAway ? numbered("993") : identity) },
    known: anna,
    nobody: numbered("990"),
    leave() {
      isAway = true;
    },
  };
});

test("what is not answered in time is not known", async () => {
  const clock = createManualClock(epochMs(0));
  const asked = createSandboxIdentity({ clock, people: [] })
    .verify(numbered("992"))
    .catch((error: unknown) => error);
  await clock.advance(2 * secondMs);
  expect(await asked).toBeInstanceOf(ServiceUnavailable);
});

test("numbers stand for what can happen, and everybody else is who he says", async () => {
  const { verify } = createSandboxIdentity({ clock: createManualClock(epochMs(0)), people: [] });
  expect(await verify(numbered("001"))).toBe("matches");
  expect(await verify(numbered("991"))).toBe("differs");
  expect(await verify({ ...anna, documentNumber: "X00012345" })).toBe("unknown");
  expect(await verify({ ...anna, documentNumber: "X11112345" })).toBe("differs");
  expect(await verify({ ...anna, documentNumber: "X44412345" })).toBe("notCovered");
  expect(await verify(anna)).toBe("matches");
});
