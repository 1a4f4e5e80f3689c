export { doWhileElected } from "./elected.ts";
