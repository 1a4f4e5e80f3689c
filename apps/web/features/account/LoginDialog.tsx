export function LoginDialog(_: { readonly why: string }) {
  return <p>Login</p>;
}
