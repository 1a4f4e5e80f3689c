/**
 * Who does what only one may do at a time: schedulers, relays, numbers that one process has alone. A lease ends by itself, so
 * that one who dies with it stands in nobody's way for longer than that; and a lease alone keeps nobody from writing who sleeps
 * through its end, which is what the fence is for.
 */
export type Lease = {
  readonly name: string;
  /** Higher than that of everybody who had the lease before: what is written under it may be refused once a higher was seen. */
  readonly fence: number;
};

export type Leases = {
  /** The lease for so long, or null while a process has it, be it the one who asks. */
  acquire(name: string, ttlMs: number): Promise<Lease | null>;
  /** For so long from now on. False where it has ended; it is then not renewed. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Ends it before its time. Nothing where it has ended, or is another's by now. */
  release(lease: Lease): Promise<void>;
};
