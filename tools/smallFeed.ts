/** A railway's GTFS feed of three stations and one train a day, for whoever has none at hand. */
import { strToU8, zipSync } from "fflate";

const files = {
  "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nR,Railway,https://example.org,Asia/Shanghai\n",
  "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,甲城,30,110\nB,乙城,31,110\nC,丙城,32,110\n",
  "routes.txt": "route_id,route_short_name,route_type\nR1,R1,2\n",
  "calendar.txt":
    "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nS,1,1,1,1,1,1,1,20260601,20260614\n",
  "trips.txt": "route_id,service_id,trip_id,trip_short_name\nR1,S,T1,G1\n",
  "stop_times.txt":
    "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,08:00:00,08:00:00,A,1\nT1,09:00:00,09:05:00,B,2\nT1,10:00:00,10:00:00,C,3\n",
};

/** `leaves` is when the train does, as `08:00`: a newer feed may have it leave a few minutes later. */
export const smallFeed = (leaves = "08:00"): Uint8Array =>
  zipSync(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text.replaceAll("08:00", leaves))])),
  );
