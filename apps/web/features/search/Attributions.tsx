/** Whom the timetable's feed asks to name. */
import type { Attribution } from "@chepiao/contracts";
import { Fragment } from "react";
import { ForeignText } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";

/** The maker of the timetable's data, where that is what its licence asks for. */
export function Attributions({ of }: { readonly of: readonly Attribution[] }) {
  const messages = useMessages();
  if (of.length === 0) return null;
  return (
    <p className="soft attributions">
      {messages.search.timetableFrom}
      {of.map(({ name, url }, index) => (
        <Fragment key={name}>
          {index > 0 && ", "}
          {url === null ? (
            <ForeignText>{name}</ForeignText>
          ) : (
            <a href={url} rel="noreferrer" target="_blank">
              <ForeignText>{name}</ForeignText>
            </a>
          )}
        </Fragment>
      ))}
    </p>
  );
}
