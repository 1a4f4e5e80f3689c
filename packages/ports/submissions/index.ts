import { port } from "@chepiao/ports/port";
import type { Submissions } from "./submissions.ts";

export type { Entry, Submission, Submissions } from "./submissions.ts";
export { createMemorySubmissions, type OrderKeys } from "./submissions.memory.ts";

export const submissionsPort = port<Submissions>("submissions");
