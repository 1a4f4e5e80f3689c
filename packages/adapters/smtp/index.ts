export { createSmtpMessenger, type SmtpMessenger, type SmtpOptions } from "./smtp.ts";
