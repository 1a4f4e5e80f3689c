/** One row a version. `body` is the policy as JSON. */
export type PolicyTables = { t_policy: { version: number; effective_time: number; body: string } };
