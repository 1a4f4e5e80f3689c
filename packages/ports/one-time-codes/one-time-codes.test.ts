import { createMemoryOneTimeCodes } from "./index.ts";
import { oneTimeCodesSuite } from "./one-time-codes.suite.ts";

oneTimeCodesSuite("memory", createMemoryOneTimeCodes);
