/** With which keys this process signs what it asks of others, and whose signatures it takes. */
import type { Vault } from "@chepiao/ports/vault";
import type { Clock } from "@chepiao/ports/clock";
import { createGuard, createSigner, type Guard, insideLabels } from "@chepiao/runtime";
import type { RoleName, RoleTable } from "../roles.ts";

export type InsideDeps = {
  readonly roles: readonly RoleName[];
  readonly table: RoleTable;
  readonly vault: Pick<Vault, "secret">;
  readonly clock: Clock;
};

/** To be made when the process begins: its guards take nothing that was signed before. */
export function createInside({ roles, table, vault, clock }: InsideDeps) {
  const signer = (label: string) => createSigner({ label, secret: vault.secret(label), clock });
  const guard = (labels: readonly string[], withHeaders: boolean): Guard =>
    createGuard({ labels, secretOf: (label) => vault.secret(label), withHeaders, clock });
  const rooms = [...new Set(roles.flatMap(table.answered))];
  const guards = new Map(
    rooms.map((room) => [
      room,
      guard(
        table.callersOf(room).map((role) => insideLabels.calling(role, room)),
        false,
      ),
    ]),
  );
  return {
    /** For calls of that room, in the name of one of our roles that has business there. */
    signerOf: (room: string) =>
      signer(
        insideLabels.calling(
          roles.find((role) => table.called(role).includes(room))!,
          room,
        ),
      ),
    /** For what a gateway passes on to that role. */
    passingTo: (role: RoleName) => signer(insideLabels.passing(role)),
    /** Who may call that room here. */
    guardOf: (room: string): Guard => guards.get(room)!,
    /** The gateway, at our public routes. */
    fromGateway: guard(
      roles.filter((role) => role !== "gateway" && table.isPublic(role)).map(insideLabels.passing),
      true,
    ),
  };
}
