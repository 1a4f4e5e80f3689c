import { createMemoryPasswords } from "./passwords.memory.ts";
import { passwordsSuite } from "./passwords.suite.ts";

passwordsSuite("memory", createMemoryPasswords);
