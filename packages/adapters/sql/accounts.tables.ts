/** Rows of what defends accounts: one-time codes, security events, and messages of a platform that is practised with. */

export type OneTimeCodeRow = {
  user_id: number;
  purpose: number;
  slot: number;
  code_hash: string;
  tries_left: number;
  create_time: number;
  expire_time: number;
};
export type SecurityEventRow = {
  event_id: string;
  /** Of the account, or of the name where there is none. */
  slot: number;
  create_time: number;
  level: string;
  service: string;
  trace_id: string | null;
  user_id: number | null;
  action: string;
  message: string;
  status: string;
  reason: string | null;
  name_hash: string | null;
  address: string | null;
};
export type SandboxMessageRow = {
  message_id: string;
  /** Of the recipient. */
  slot: number;
  recipient_hash: string;
  content_sealed: string;
  create_time: number;
};
export type AccountTables = {
  t_one_time_code: OneTimeCodeRow;
  t_security_event: SecurityEventRow;
  t_sandbox_message: SandboxMessageRow;
};
