import { createMemoryReservations } from "./reservations.memory.ts";
import { reservationsSuite } from "./reservations.suite.ts";

reservationsSuite("memory", createMemoryReservations);
