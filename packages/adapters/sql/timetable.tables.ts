/** The tables of the timetable: see migration 0001 for why they differ from the design document. */
export type TimetableTables = {
  t_timetable: { id: number; version: number; feed_name: string; zone: string };
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
  };
  t_train_stop: {
    train_id: number;
    stop_index: number;
    station_id: string;
    arrive_s: number;
    depart_s: number;
    distance_m: number;
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
