/** Groups of saved passengers: one press ticks all of a family, and whoever is ticked can be named as a group. */
import type { Passenger } from "@chepiao/contracts";
import { useState } from "react";
import { ForeignText, Icon } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { groupsEn } from "../../messages/groups.en.ts";
import { groupsZh } from "../../messages/groups.zh.ts";
import { TextField } from "../account/fields.tsx";
import { groupNameLettersMax, hasGroup, keepGroups, keptGroups, membersOf, withGroup, withoutGroup } from "./groups.ts";

type Props = {
  readonly userId: number;
  readonly saved: readonly Passenger[];
  readonly chosen: readonly number[];
  /** How many may travel. */
  readonly most: number;
  readonly onChoose: (passengerIds: readonly number[]) => void;
};

const useTexts = () => (useLanguage().language === "zh" ? groupsZh : groupsEn);

export function Groups({ userId, saved, chosen, most, onChoose }: Props) {
  const texts = useTexts();
  const [groups, setGroups] = useState(() => keptGroups(userId));
  const [naming, setNaming] = useState(false);
  const shown = groups.flatMap((group) => {
    const members = membersOf(group, saved);
    return members.length === 0 ? [] : [{ ...group, members }];
  });
  function change(after: typeof groups) {
    keepGroups(userId, after);
    setGroups(after);
  }
  const canName = chosen.length > 1 && !hasGroup(groups, chosen);
  if (shown.length === 0 && !canName) return null;
  return (
    <div className="chips" role="group" aria-label={texts.title}>
      {shown.map(({ name, members }) => (
        <span key={name} className="group-chip">
          <button
            type="button"
            className="button small"
            disabled={members.length > most}
            onClick={() => onChoose(members)}
          >
            <ForeignText>{texts.choose(name, members.length)}</ForeignText>
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={texts.remove(name)}
            onClick={() => change(withoutGroup(groups, name))}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      {canName && (
        <button type="button" className="button small quiet" onClick={() => setNaming(true)}>
          {texts.save}
        </button>
      )}
      {naming && (
        <NameDialog
          onClose={() => setNaming(false)}
          onName={(name) => {
            change(withGroup(groups, { name, passengerIds: chosen }));
            setNaming(false);
          }}
        />
      )}
    </div>
  );
}

type NameProps = { readonly onClose: () => void; readonly onName: (name: string) => void };

function NameDialog({ onClose, onName }: NameProps) {
  const messages = useMessages();
  const account = useAccountMessages();
  const texts = useTexts();
  const [name, setName] = useState("");
  const [isMissing, setMissing] = useState(false);
  return (
    <Dialog title={texts.save} onClose={onClose}>
      <form
        method="post"
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          // The booking around it is not to be sent.
          event.stopPropagation();
          if (name.trim() === "") setMissing(true);
          else onName(name);
        }}
      >
        <TextField
          label={texts.name}
          hint={texts.hint}
          error={isMissing && name.trim() === "" ? account.passenger.required : undefined}
          autoComplete="off"
          maxLength={groupNameLettersMax}
          value={name}
          onText={setName}
        />
        <button type="submit" className="button primary">
          {messages.common.save}
        </button>
      </form>
    </Dialog>
  );
}
