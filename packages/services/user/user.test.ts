import { createMemorySessionStore } from "@chepiao/ports/session-store";
import { createMemoryUserStore } from "@chepiao/ports/user-store";
import { userSuite } from "./user.suite.ts";

userSuite("memory", () => ({ users: createMemoryUserStore(), sessions: createMemorySessionStore() }));
