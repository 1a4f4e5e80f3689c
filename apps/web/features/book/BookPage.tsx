export function BookPage(_: { readonly orderNo?: string }) {
  return <p>BookPage</p>;
}
