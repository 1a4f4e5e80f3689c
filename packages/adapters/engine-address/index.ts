export {
  type AddressForm,
  addressForms,
  BadAddress,
  type EngineAddress,
  type EngineAddresses,
  readAddress,
  readAddresses,
} from "./address.ts";
export { type TlsIdentity, type TlsOptions, tlsFor, tlsTrouble } from "./tls.ts";
