/** Rows of accounts, of what is unique about them, and of saved passengers. */

export type UserRow = {
  user_id: number;
  slot: number;
  username: string;
  password_hash: string;
  real_name: string;
  document_type: number;
  document_sealed: string;
  document_hash: string;
  document_masked: string;
  /** Empty, as its mask, where the account is known by its mail address. */
  phone_sealed: string;
  phone_masked: string;
  /** When a code was read that was sent to the phone, or to the mail address; 0 for never. */
  phone_proof_time: number;
  /** In the clear, as versions before wrote it; null once it is sealed. */
  email: string | null;
  email_sealed: string | null;
  email_masked: string | null;
  role: number;
  status: number;
  status_reason: string | null;
  /** Sessions opened before this are over; 0 where there was no reason to end them all. */
  sessions_since: number;
  create_time: number;
  update_time: number;
};
export type UniqueRow = {
  kind: number;
  value_hash: string;
  /** 1 for usernames and contacts, 1…5 for documents. */
  place: number;
  /** Of the value, not of the user. */
  slot: number;
  user_id: number;
  /** 1 where it is a contact that the account has proved: nobody takes it any more. */
  proved: number;
  create_time: number;
};
export type PassengerRow = {
  passenger_id: number;
  user_id: number;
  slot: number;
  place: number;
  name: string;
  document_type: number;
  document_sealed: string;
  document_hash: string;
  document_masked: string;
  phone_sealed: string | null;
  phone_masked: string | null;
  ticket_type: number;
  birth_date: string | null;
  is_self: number;
  proof: number;
  proof_time: number;
  create_time: number;
};
export type UserTables = { t_user: UserRow; t_user_unique: UniqueRow; t_passenger: PassengerRow };
