export function OrderPage(_: { readonly orderNo?: string }) {
  return <p>OrderPage</p>;
}
