/** Who travels free with the passenger of a ticket. */
import type { FreeChildView } from "@chepiao/contracts";
import { ForeignText } from "./components.tsx";
import { useMessages } from "./messages.tsx";

export function FreeChild({ child }: { readonly child: FreeChildView | undefined }) {
  const messages = useMessages();
  return child ? (
    <small className="free-child">
      <ForeignText>{messages.withFreeChild(child.name)}</ForeignText>
    </small>
  ) : null;
}
