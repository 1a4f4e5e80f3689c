/** Groups of saved passengers, in English. */
import type { GroupsMessages } from "./groups.zh.ts";

export const groupsEn: GroupsMessages = {
  title: "Groups of passengers",
  choose: (name, count) => `${name} (${count})`,
  save: "Save as a group",
  name: "Name of the group",
  hint: "Such as Family. It is kept on this device alone, and removed when you log out.",
  remove: (name) => `Remove the group ${name}`,
};
