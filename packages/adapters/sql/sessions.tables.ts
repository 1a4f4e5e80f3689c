export type SessionRow = {
  session_id: string;
  slot: number;
  user_id: number;
  user_agent: string;
  create_time: number;
  last_seen_time: number;
  expire_time: number;
};
export type SessionTables = { t_session: SessionRow };
