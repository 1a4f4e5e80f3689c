/** Buys what is chosen, or says what is missing for it. */
import { useIsChecking } from "../../lib/checking.ts";
import { Spinner } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";

type Props = {
  /** Whether it can be bought now. */
  readonly isOpen: boolean;
  readonly isPending: boolean;
  readonly me: object | null | undefined;
  /** How many are chosen. */
  readonly people: number;
};

export function SubmitButton({ isOpen, isPending, me, people }: Props) {
  const messages = useMessages();
  const isChecking = useIsChecking();
  return (
    <button
      type="submit"
      className="button primary"
      aria-disabled={(!isOpen && me !== null) || isPending}
      disabled={!isOpen && me !== null}
    >
      {isPending ? (
        <>
          <Spinner /> {isChecking ? messages.book.checking : messages.book.submitting}
        </>
      ) : !me ? (
        messages.book.loginFirst
      ) : people === 0 ? (
        messages.book.choosePassenger
      ) : (
        messages.book.submit
      )}
    </button>
  );
}
