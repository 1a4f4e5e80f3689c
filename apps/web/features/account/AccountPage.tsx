export function AccountPage(_: { readonly orderNo?: string }) {
  return <p>AccountPage</p>;
}
