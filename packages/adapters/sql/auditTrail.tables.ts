/** The tables of the audit trail; see migrations/0063-audit-trail.ts. */
export type AuditTrailTables = {
  t_audit_entry: {
    entry_id: string;
    create_time: number;
    who: string;
    user_id: number | null;
    role: number | null;
    door: number;
    action: string;
    subject: string | null;
    what: string;
    reason: string | null;
    before_text: string | null;
    is_dry_run: number;
  };
  t_audit_end: {
    entry_id: string;
    end_time: number;
    outcome: number;
    after_text: string | null;
  };
};
