export type { Entry, Submission, Submissions } from "./submissions.ts";
export { createMemorySubmissions } from "./submissions.memory.ts";
