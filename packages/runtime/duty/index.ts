export { doWhileElected } from "./duty.ts";
