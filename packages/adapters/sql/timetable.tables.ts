/** The tables of the timetable: see migration 0001 for why they differ from the design document. */
export type TimetableTables = {
  /** `attributions` and `added_runs` are JSON; null for none. */
  t_timetable: {
    id: number;
    version: number;
    feed_name: string;
    zone: string;
    attributions: string | null;
    added_runs: string | null;
  };
  /** `id` keeps the feed's order. */
  t_station: {
    id: number;
    station_id: string;
    name: string;
    city: string;
    pinyin: string;
    initials: string;
    name_en: string;
    latitude: number | null;
    longitude: number | null;
    /** JSON; null for none. */
    aliases: string | null;
    /** Null for the timetable's. */
    zone: string | null;
    /** JSON; null for none. */
    stop_ids: string | null;
  };
  /** A code may come twice: as it is now, and as it was when a kept run was sold. `coaches` is JSON. */
  t_composition: { id: number; code: string; coaches: string };
  /** `added` and `removed` are dates joined by commas. Trains of one calendar share a row. */
  t_train_calendar: {
    id: number;
    valid_from: string;
    valid_until: string;
    weekdays: number;
    added: string;
    removed: string;
  };
  t_train: {
    id: number;
    train_number: string;
    train_type: number;
    departure_station: string;
    arrival_station: string;
    departure_s: number;
    duration_s: number;
    zone: string;
    calendar_id: number;
    composition_id: number;
    /** Of `t_train_fare`; null where the feed has none. */
    fares_id: number | null;
  };
  /** `sequences` are numbers joined by commas. */
  t_train_trip: {
    train_id: number;
    trip_index: number;
    trip_id: string;
    route_id: string;
    first_stop: number;
    sequences: string;
  };
  /** `fares` are amounts by way, in the digits and letters of base 36, joined by commas; nothing for none. */
  t_train_fare: { fares_id: number; seat_class: number; ticket_type: number; fares: string };
  t_train_stop: {
    train_id: number;
    stop_index: number;
    station_id: string;
    arrive_s: number;
    depart_s: number;
    distance_m: number;
    closed_to: number | null;
  };
  t_fare_override: {
    id: number;
    train_number: string;
    seat_class: number;
    from_station_id: string | null;
    to_station_id: string | null;
    fare_fen: number | null;
    rate_basis_points: number | null;
  };
};
