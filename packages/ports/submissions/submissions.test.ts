import { createMemorySubmissions } from "./submissions.memory.ts";
import { submissionsSuite } from "./submissions.suite.ts";

submissionsSuite("memory", createMemorySubmissions);
