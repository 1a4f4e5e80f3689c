/** Columns of the outbox; see migrations/0003-outbox.ts. */
import type { Generated } from "kysely";

export type OutboxTables = {
  t_local_message: {
    id: Generated<number>;
    slot: number;
    topic: string;
    message_key: string;
    content: string;
    /** 0 waiting. A sent message is deleted. */
    status: number;
    retry_count: number;
    next_retry_time: number;
    create_time: number;
  };
};
