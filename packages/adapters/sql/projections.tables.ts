/** Columns of the read models; see migrations/0007-order-index.ts. */
export type ProjectionTables = {
  t_user_order_index: {
    order_id: number;
    order_no: string;
    slot: number;
    user_id: number;
    run_id: string;
    train_number: string;
    origin_date: string;
    train_date: string;
    order_status: number;
    total_price: number;
    create_time: number;
    /** When this row was written. */
    update_time: number;
    version: number;
  };
  t_user_order_list: {
    user_id: number;
    order_id: number;
    order_no: string;
    slot: number;
    train_number: string;
    train_date: string;
    departure_name: string;
    arrival_name: string;
    departure_time: number;
    order_status: number;
    total_price: number;
    expire_time: number;
    create_time: number;
    version: number;
  };
};
