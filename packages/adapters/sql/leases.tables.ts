/** Rows of leases: times are the database's own. */

export type LeaseRow = { name: string; fence: number; expire_time: number };

export type LeaseTables = { t_lease: LeaseRow };
