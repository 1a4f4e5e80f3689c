/** Columns of the tables of gates; see migrations/0043-gates.ts. */
export type GateTables = {
  t_gate: {
    gate_id: string;
    station_id: string;
    key_hash: string;
    create_time: number;
    retire_time: number | null;
  };
  t_gate_event: {
    slot: number;
    gate_id: string;
    event_id: string;
    ticket_no: string;
    act: number;
    station_id: string;
    event_time: number;
    receive_time: number;
    outcome: number;
  };
};
