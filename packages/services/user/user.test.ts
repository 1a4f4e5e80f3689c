import { createMemoryOneTimeCodes } from "@chepiao/ports/one-time-codes";
import { createMemorySessionStore } from "@chepiao/ports/session-store";
import { createMemoryUserStore } from "@chepiao/ports/user-store";
import { contactChangeSuite } from "./contactChange.suite.ts";
import { identitySuite } from "./identity.suite.ts";
import { lapseSuite } from "./lapse.suite.ts";
import { mailAccountsSuite } from "./mailAccounts.suite.ts";
import { ownershipSuite } from "./ownership.suite.ts";
import { userSuite } from "./user.suite.ts";

const open = () => ({
  users: createMemoryUserStore(),
  sessions: createMemorySessionStore(),
  codes: createMemoryOneTimeCodes(),
});

userSuite("memory", open);
identitySuite("memory", open);
lapseSuite("memory", open);
ownershipSuite("memory", open);
mailAccountsSuite("memory", open);
contactChangeSuite("memory", open);
