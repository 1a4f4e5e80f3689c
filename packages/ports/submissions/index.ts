export type { Entry, Submission, Submissions } from "./submissions.ts";
export { createMemorySubmissions, type OrderKeys } from "./submissions.memory.ts";
