export { createSecurityLog } from "./securityLog.ts";
