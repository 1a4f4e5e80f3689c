/** The register to practise with, as a room: who belongs to a document, asked as a real one would be. */
import type { IdentityService } from "@chepiao/adapters/http-identity";
import { port } from "@chepiao/ports/port";
import { defineRoom } from "@chepiao/room";

/** Null where the people are real. */
export const practiceRegisterPort = port<IdentityService | null>("practice register");

export const registerRoom = defineRoom({
  name: "register",
  about: "a register to practise with: says whether a name belongs to a document",
  pages: ["/sandbox/identity/*"],
  needs: { register: practiceRegisterPort },
  open: ({ ports: { register } }) => ({ pages: async (request: Request) => (await register?.fetch(request)) ?? null }),
});
