export function OrdersPage(_: { readonly orderNo?: string }) {
  return <p>OrdersPage</p>;
}
