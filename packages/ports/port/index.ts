export { type Implementations, type Port, port, portOf } from "./port.ts";
