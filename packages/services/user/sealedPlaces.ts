/**
 * Where what is sealed of people belongs. The place is part of the seal, so these never change: what was sealed for one would no longer
 * open. An order keeps a copy of its passenger's document, which stays bound to the passenger; its row names him.
 */
import type { PassengerId, UserId } from "@chepiao/kernel";
import { placeOf } from "@chepiao/ports/vault";

export const userDocument = (userId: UserId) => placeOf("t_user.document_sealed", userId);
export const userPhone = (userId: UserId) => placeOf("t_user.phone_sealed", userId);
export const userEmail = (userId: UserId) => placeOf("t_user.email_sealed", userId);
export const passengerDocument = (passengerId: PassengerId) => placeOf("t_passenger.document_sealed", passengerId);
export const passengerPhone = (passengerId: PassengerId) => placeOf("t_passenger.phone_sealed", passengerId);
