export { greatCircleM } from "./distance.ts";
